"""Settings read again: what is taken over, what waits, what is refused."""

from __future__ import annotations

from crawler.config import Config, load
from crawler.daemon.settings import FIXED, SettingsInForce
from crawler.errors import ConfigError, Problem

AT_START = load()


def in_force(**changes: object) -> SettingsInForce:
    """Settings that were changed since the start."""
    overrides = {key.replace("__", "."): value for key, value in changes.items()}
    return SettingsInForce(AT_START, lambda: load(overrides=overrides), environ={})


def test_a_change_is_taken_over():
    settings = in_force(fetch__delay_s=9.0, alarms__weeks=6, daemon__recycle_runs=7)
    assert settings.read_again()
    changed = settings.config
    assert (changed.fetch.delay_s, changed.alarms.weeks, changed.daemon.recycle_runs) == (9.0, 6, 7)
    assert (settings.error, settings.waiting) == (None, ())


def test_nothing_changed_is_nothing_to_do():
    assert not in_force().read_again()
    assert not SettingsInForce(AT_START, None).read_again()


def test_what_is_fixed_waits_and_the_rest_does_not():
    settings = in_force(storage__url="file:other", page__listen="", daemon__workers=4, daemon__stop_s=5.0)
    assert settings.read_again()
    assert settings.waiting == ("storage.url", "daemon.workers", "page.listen")
    assert settings.config.storage == AT_START.storage
    assert (settings.config.daemon.workers, settings.config.daemon.stop_s) == (AT_START.daemon.workers, 5.0)
    assert not settings.read_again()  # it is known already


def test_every_fixed_key_is_one_of_the_settings():
    for dotted in FIXED:
        section, _, key = dotted.partition(".")
        assert section in Config.__struct_fields__
        assert not key or key in getattr(AT_START, section).__struct_fields__


def test_a_mistake_leaves_everything_and_is_told_until_it_is_corrected():
    answers: list[Config | ConfigError] = [ConfigError([Problem("warraq.toml", "fetch.delay", "unknown key")])]

    def reread() -> Config:
        if isinstance(answers[0], ConfigError):
            raise answers[0]
        return answers[0]

    settings = SettingsInForce(AT_START, reread, environ={})
    assert not settings.read_again()
    assert "fetch.delay" in str(settings.error)
    assert settings.config is AT_START
    answers[0] = load(overrides={"fetch.delay_s": 3.0})
    assert settings.read_again()
    assert settings.error is None


def test_alarms_that_could_not_be_sent_are_a_mistake():
    settings = in_force(alarms__webhook="ftp://x")
    assert not settings.read_again()
    assert "alarms.webhook" in str(settings.error)
