"""What the daemon does now and then: learning profiles, manifests, restore drills."""
