"""Typed settings from config/*.toml and the sites of seeds/; every mistake is reported at once."""

from crawler.config.declaration import declaration_text, replace_file, with_verified, write_new
from crawler.config.formats import contact_fault, host_port, interval_s, quiet_minutes, url_fault
from crawler.config.load import OWN, SettingsReading, load, read_settings, shipped
from crawler.config.settings import (
    PROJECT_PAGE,
    Alarming,
    Config,
    Crawling,
    Daemon,
    Fetching,
    PageSettings,
    Parsing,
    Spooling,
    StateSettings,
    Storage,
)
from crawler.config.sites import declaration_problems_of, load_sites, read_sites, site_files, site_name_fault

__all__ = [
    "OWN",
    "PROJECT_PAGE",
    "Alarming",
    "Config",
    "Crawling",
    "Daemon",
    "Fetching",
    "PageSettings",
    "Parsing",
    "SettingsReading",
    "Spooling",
    "StateSettings",
    "Storage",
    "contact_fault",
    "declaration_problems_of",
    "declaration_text",
    "host_port",
    "interval_s",
    "load",
    "load_sites",
    "quiet_minutes",
    "read_settings",
    "read_sites",
    "replace_file",
    "shipped",
    "site_files",
    "site_name_fault",
    "url_fault",
    "with_verified",
    "write_new",
]
