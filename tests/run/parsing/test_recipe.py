"""One value says what articles depend on; two that differ in anything have different digests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest

from crawler.model.capture import Capture, Provenance
from crawler.model.profile import SiteProfile, sealed_profile
from crawler.model.site import ParserRules, Site
from crawler.run.parsing.profiles_in_force import OneProfile
from crawler.run.parsing.recipe import Recipe

AT = datetime(2026, 11, 23, tzinfo=UTC)
SITE = Site(name="paper", title="Paper", country="gb", languages=("en",), home="https://paper.example/")
PROFILE = sealed_profile(
    SiteProfile(site="paper", valid_from=AT, learned_at=AT, since=AT, until=AT, articles=40, parser_version="1.0")
)
CAPTURE = Capture(
    url="https://www.paper.example/a", captured_at=AT, kind="response", warc="a.warc.gz", offset=7, length=70,
    record_id="<urn:uuid:1>", status=200, mime="text/html", payload_sha1="", payload_sha256="ab", truncated=None,
)  # fmt: skip
RULES = ParserRules(body="main")


@pytest.mark.parametrize(
    "other",
    [
        Recipe(parser_version="another", sites={"paper": SITE}),
        Recipe(furniture="keep", sites={"paper": SITE}),
        Recipe(sites={"paper": msgspec.structs.replace(SITE, rules=(RULES,))}),
        Recipe(sites={"paper": SITE}, profiles=OneProfile(PROFILE)),
        Recipe(),
    ],
)
def test_whatever_may_change_an_article_changes_the_digest(other):
    assert other.digest != Recipe(sites={"paper": SITE}).digest


def test_the_digest_is_the_same_for_the_same_recipe_whatever_the_order_of_its_sites():
    second = msgspec.structs.replace(SITE, name="other", home="https://other.example/")
    one, two = Recipe(sites={"paper": SITE, "other": second}), Recipe(sites={"other": second, "paper": SITE})
    assert one.digest == two.digest


def test_our_captures_are_of_the_site_they_were_fetched_for_and_others_of_the_one_in_whose_scope_they_lie():
    other = msgspec.structs.replace(SITE, name="other", home="https://other.example/", rules=(RULES,))
    recipe = Recipe(sites={"paper": SITE, "other": other})
    ours = recipe.task(CAPTURE, Provenance(run="r", site="other", role="article"))
    theirs = recipe.task(CAPTURE, None)
    assert (ours.site, ours.run, ours.role, ours.rules) == ("other", "r", "article", (RULES,))
    assert (theirs.site, theirs.run, theirs.role, theirs.rules) == ("paper", None, "probe", ())
    unknown = recipe.task(msgspec.structs.replace(CAPTURE, url="https://nobody.example/a"), None)
    assert (unknown.site, unknown.rules) == ("nobody-example", ())


def test_a_site_that_keeps_furniture_keeps_it_whatever_the_recipe_says():
    keeping = msgspec.structs.replace(SITE, furniture="keep")
    assert Recipe(sites={"paper": keeping}).task(CAPTURE, None).furniture == "keep"
    assert Recipe(sites={"paper": SITE}).task(CAPTURE, None).furniture == "drop"
    assert replace(Recipe(sites={"paper": SITE}), furniture="keep").task(CAPTURE, None).furniture == "keep"


def test_sketches_are_made_without_a_profile_so_that_learning_never_rests_on_what_was_learned():
    recipe = Recipe(sites={"paper": SITE}, profiles=OneProfile(PROFILE))
    assert recipe.task(CAPTURE, None).profile is PROFILE
    assert recipe.task(CAPTURE, None, sketch=True).profile is None
