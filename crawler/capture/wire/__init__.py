"""HTTP/1.1 as it crosses the wire: addresses, connections, requests, responses, and the client over them."""
