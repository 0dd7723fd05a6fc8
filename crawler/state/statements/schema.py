"""The schema, as numbered migrations: append, never edit one that was released.

SQL that SQLite and PostgreSQL share. Moments are text, ISO 8601 in UTC with microseconds, so that they sort.
``{identity}``, ``{bytes}`` and ``{by_key}`` (rows kept in the order of their key) stand for what the two call
differently.
"""

from __future__ import annotations

__all__ = ["MIGRATIONS", "VERSION_QUERY", "VERSION_TABLE", "VERSION_WRITE"]

VERSION_TABLE = "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)"
VERSION_QUERY = "SELECT COALESCE(MAX(number), 0) FROM migrations"
VERSION_WRITE = "INSERT INTO migrations (number, applied_at) VALUES (:number, :applied_at)"

_RUNS = (
    # lane: the politeness key; lane_hash spreads lanes over workers. A fire has one run, a lane one running run.
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        site TEXT NOT NULL,
        lane TEXT NOT NULL,
        lane_hash INTEGER NOT NULL,
        cause TEXT NOT NULL,
        targets TEXT NOT NULL,
        scheduled_at TEXT,
        queued_at TEXT NOT NULL,
        started_at TEXT,
        finished_at TEXT,
        state TEXT NOT NULL,
        reason TEXT,
        worker TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        UNIQUE (site, scheduled_at)
    )
    """,
    "CREATE UNIQUE INDEX runs_one_per_lane ON runs (lane) WHERE state = 'running'",
    "CREATE INDEX runs_open ON runs (state, queued_at) WHERE state IN ('queued', 'running')",
    "CREATE INDEX runs_by_site ON runs (site, queued_at)",
    "CREATE INDEX runs_by_time ON runs (queued_at)",
)
_LEDGER = (
    # held_by: the run that was handed the URL and has not ended; nobody else gets it meanwhile.
    """
    CREATE TABLE ledger (
        url TEXT PRIMARY KEY,
        site TEXT NOT NULL,
        role TEXT NOT NULL,
        outcome TEXT NOT NULL,
        reason TEXT,
        via TEXT,
        source TEXT,
        title TEXT,
        published_at TEXT,
        modified_at TEXT,
        first_seen_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        run TEXT NOT NULL REFERENCES runs (id),
        attempts INTEGER NOT NULL DEFAULT 0,
        article_id TEXT,
        held_by TEXT
    )
    """,
    "CREATE INDEX ledger_open ON ledger (site, first_seen_at) WHERE outcome IN ('announced', 'queued')",
    "CREATE INDEX ledger_unparsed ON ledger (run) WHERE outcome = 'captured' AND reason IS NULL",
    "CREATE INDEX ledger_held ON ledger (held_by) WHERE held_by IS NOT NULL",
    """
    CREATE TABLE events (
        id {identity},
        url TEXT NOT NULL,
        at TEXT NOT NULL,
        run TEXT NOT NULL REFERENCES runs (id),
        outcome TEXT NOT NULL,
        reason TEXT,
        source TEXT,
        via TEXT,
        article_id TEXT,
        warc TEXT,
        warc_offset BIGINT,
        warc_length BIGINT
    )
    """,
    "CREATE INDEX events_by_url ON events (url, id)",
    "CREATE INDEX events_by_run ON events (run, url, id)",
    "CREATE TABLE validators (url TEXT PRIMARY KEY, etag TEXT, last_modified TEXT, updated_at TEXT NOT NULL)",
)
_ARCHIVE = (
    """
    CREATE TABLE captures (
        warc TEXT NOT NULL,
        warc_offset BIGINT NOT NULL,
        warc_length BIGINT NOT NULL,
        url TEXT NOT NULL,
        captured_at TEXT NOT NULL,
        kind TEXT NOT NULL,
        record_id TEXT NOT NULL,
        status INTEGER NOT NULL,
        mime TEXT NOT NULL,
        payload_sha1 TEXT NOT NULL,
        payload_sha256 TEXT NOT NULL,
        truncated TEXT,
        run TEXT NOT NULL REFERENCES runs (id),
        site TEXT NOT NULL,
        role TEXT NOT NULL,
        PRIMARY KEY (warc, warc_offset)
    )
    """,
    "CREATE INDEX captures_by_url ON captures (url, captured_at)",
    "CREATE INDEX captures_by_run ON captures (run)",
    """
    CREATE TABLE receipts (
        warc TEXT PRIMARY KEY,
        key TEXT NOT NULL,
        size_bytes BIGINT NOT NULL,
        sha256 TEXT NOT NULL,
        etag TEXT,
        shipped_at TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE articles (
        url TEXT NOT NULL,
        captured_at TEXT NOT NULL,
        article_id TEXT NOT NULL,
        site TEXT NOT NULL,
        run TEXT NOT NULL REFERENCES runs (id),
        title TEXT,
        published_at TEXT,
        path TEXT NOT NULL,
        PRIMARY KEY (url, captured_at)
    )
    """,
    "CREATE INDEX articles_by_site ON articles (site, captured_at)",
    "CREATE INDEX articles_by_id ON articles (article_id)",
    """
    CREATE TABLE robots (
        origin TEXT PRIMARY KEY,
        status INTEGER,
        body {bytes} NOT NULL,
        fetched_at TEXT NOT NULL,
        expires_at TEXT NOT NULL
    )
    """,
)
_SITES = (
    "CREATE TABLE pauses (site TEXT PRIMARY KEY, paused_at TEXT NOT NULL)",
    """
    CREATE TABLE fires (
        site TEXT NOT NULL,
        scheduled_at TEXT NOT NULL,
        policy TEXT NOT NULL,
        earlier INTEGER NOT NULL DEFAULT 0,
        run TEXT REFERENCES runs (id),
        noted_at TEXT NOT NULL,
        PRIMARY KEY (site, scheduled_at)
    )
    """,
    "CREATE INDEX fires_by_time ON fires (scheduled_at)",
)

# Indexes of what the status page pages through, and tables of what would be too much to count each time
# (crawler/state/tallies.py fills them from the ledger; emptied, they are filled again).
_BROWSE = (
    "ALTER TABLE articles ADD COLUMN language TEXT",
    "ALTER TABLE runs ADD COLUMN tallied INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX articles_by_time ON articles (captured_at)",
    "CREATE INDEX articles_by_language ON articles (language, captured_at)",
    "CREATE INDEX articles_by_site_language ON articles (site, language, captured_at)",
    "CREATE INDEX articles_by_run ON articles (run, captured_at)",
    "CREATE INDEX ledger_by_day ON ledger (site, first_seen_at, outcome, reason) WHERE role IN ('article', 'probe')",
    "CREATE INDEX events_failed ON events (run, id) WHERE outcome IN ('failed', 'lost')",
    "CREATE INDEX runs_untallied ON runs (finished_at) WHERE finished_at IS NOT NULL AND tallied = 0",
    "CREATE INDEX fires_not_on_time ON fires (scheduled_at) WHERE policy <> 'ran'",
    "CREATE TABLE tally_mark (name TEXT PRIMARY KEY, event BIGINT NOT NULL)",
    """
    CREATE TABLE tally_days (
        site TEXT NOT NULL,
        day TEXT NOT NULL,
        outcome TEXT NOT NULL,
        reason TEXT NOT NULL,
        urls BIGINT NOT NULL,
        PRIMARY KEY (site, day, outcome, reason)
    )
    """,
    """
    CREATE TABLE tally_hours (
        hour TEXT NOT NULL,
        outcome TEXT NOT NULL,
        urls BIGINT NOT NULL,
        size_bytes BIGINT NOT NULL,
        PRIMARY KEY (hour, outcome)
    )
    """,
    """
    CREATE TABLE tally_runs (
        run TEXT NOT NULL REFERENCES runs (id),
        outcome TEXT NOT NULL,
        urls BIGINT NOT NULL,
        PRIMARY KEY (run, outcome)
    )
    """,
    (
        "CREATE TABLE tally_counters (name TEXT NOT NULL, label TEXT NOT NULL, count BIGINT NOT NULL, "
        "PRIMARY KEY (name, label))"
    ),
)

# Alarms and the notices of them that were not delivered yet; a page's length; what old history is found and freed by.
_ALARMS = (
    "ALTER TABLE articles ADD COLUMN word_count INTEGER",
    """
    CREATE TABLE alarms (
        id {identity},
        kind TEXT NOT NULL,
        severity TEXT NOT NULL,
        site TEXT NOT NULL DEFAULT '',
        message TEXT NOT NULL,
        raised_at TEXT NOT NULL,
        seen_at TEXT NOT NULL,
        cleared_at TEXT
    )
    """,
    "CREATE UNIQUE INDEX alarms_open ON alarms (kind, site) WHERE cleared_at IS NULL",
    "CREATE INDEX alarms_by_time ON alarms (raised_at)",
    """
    CREATE TABLE notices (
        alarm BIGINT NOT NULL REFERENCES alarms (id),
        event TEXT NOT NULL,
        channel TEXT NOT NULL,
        at TEXT NOT NULL,
        PRIMARY KEY (channel, alarm, event)
    )
    """,
    "CREATE INDEX notices_by_alarm ON notices (alarm)",
    "CREATE INDEX runs_open_by_site ON runs (site, targets) WHERE state IN ('queued', 'running')",
    "CREATE INDEX ledger_by_run ON ledger (run)",
    "CREATE INDEX fires_by_run ON fires (run)",
)

# Titles as a search compares them; null in rows older than this.
_SEARCH = ("ALTER TABLE articles ADD COLUMN folded TEXT",)

# With the URL it gives the order of a page, too: else the planner takes a worse one for site and language together.
_PAGING = (
    "DROP INDEX articles_by_site_language",
    "CREATE INDEX articles_by_site_language ON articles (site, language, captured_at, url)",
)

# Whoever holds a run says now and then that it lives: of a process elsewhere nothing else can be known.
_OWNERS = ("CREATE TABLE owners (name TEXT PRIMARY KEY, renewed_at TEXT NOT NULL, expires_at TEXT NOT NULL)",)

# Following: what makes addresses one page, and when a URL is tried, or an article read, again. What earlier versions
# had given up is tried once more; what waits is put in order by when it was first seen, for no more was kept of it.
_FOLLOWING = (
    "ALTER TABLE ledger ADD COLUMN identity TEXT",
    "ALTER TABLE ledger ADD COLUMN page TEXT",  # the URL of the page that this one is only another address of
    "ALTER TABLE ledger ADD COLUMN rank TEXT",  # the moment by which it is put in order, the later the sooner
    "ALTER TABLE ledger ADD COLUMN next_try_at TEXT",
    "ALTER TABLE ledger ADD COLUMN next_visit_at TEXT",
    "ALTER TABLE ledger ADD COLUMN signalled INTEGER NOT NULL DEFAULT 0",  # a channel told of a change
    "ALTER TABLE ledger ADD COLUMN read_at TEXT",
    "ALTER TABLE ledger ADD COLUMN first_article_at TEXT",
    "ALTER TABLE ledger ADD COLUMN first_article_id TEXT",
    "CREATE INDEX ledger_by_identity ON ledger (identity)",
    "CREATE INDEX ledger_unkeyed ON ledger (site) WHERE identity IS NULL AND role IN ('article', 'probe')",
    "CREATE INDEX ledger_aliases ON ledger (page) WHERE page IS NOT NULL",
    "CREATE INDEX ledger_waiting ON ledger (site, rank) WHERE outcome IN ('announced', 'queued')",
    "CREATE INDEX ledger_tries ON ledger (site, next_try_at) WHERE next_try_at IS NOT NULL",
    "CREATE INDEX ledger_visits ON ledger (site, next_visit_at) WHERE next_visit_at IS NOT NULL",
    "CREATE INDEX ledger_by_article ON ledger (article_id) WHERE article_id IS NOT NULL",
    "DROP INDEX ledger_open",
    "UPDATE ledger SET rank = first_seen_at WHERE outcome IN ('announced', 'queued')",
    """
    UPDATE ledger SET next_try_at = updated_at, attempts = 1, rank = first_seen_at
    WHERE outcome IN ('failed', 'lost', 'walled', 'disallowed') AND role IN ('article', 'probe')
    """,
    """
    UPDATE ledger SET read_at = updated_at, first_article_at = updated_at, first_article_id = article_id
    WHERE article_id IS NOT NULL
    """,
    "CREATE TABLE site_memory (site TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (site, name))",
    "CREATE TABLE edit_rates (site TEXT PRIMARY KEY, visits BIGINT NOT NULL, edits BIGINT NOT NULL)",
)

# Manners that outlive a process: the pace of each host (crawler/state/paces.py).
_PACES = (
    """
    CREATE TABLE paces (
        host TEXT PRIMARY KEY,
        sent_at TEXT,
        held_by TEXT,
        held_until TEXT,
        closed_at TEXT,
        closed_until TEXT,
        why TEXT NOT NULL DEFAULT '',
        penalty_s DOUBLE PRECISION NOT NULL DEFAULT 0,
        crawl_delay_s DOUBLE PRECISION NOT NULL DEFAULT 0,
        narrowed_at TEXT,
        day TEXT NOT NULL DEFAULT '',
        requests BIGINT NOT NULL DEFAULT 0
    )
    """,
)

# What the last look at each channel showed (`crawler.model.channel.ChannelReport`, as JSON).
_CHANNELS = (
    "CREATE TABLE channels (url TEXT PRIMARY KEY, site TEXT NOT NULL, checked_at TEXT NOT NULL, report TEXT NOT NULL)",
    "CREATE INDEX channels_by_site ON channels (site)",
)

# What the store's files are held against: the digest of each index as it was shipped, and every manifest that was
# written.
_EVIDENCE = (
    "ALTER TABLE receipts ADD COLUMN cdxj_sha256 TEXT",
    "CREATE TABLE manifests (key TEXT PRIMARY KEY, sha256 TEXT NOT NULL, sequence BIGINT NOT NULL)",
)

# What a site's visits found, told apart: on the plan, where a channel told of a change, where it told of none. What was
# counted before said how many visits found an edit; taken for stories, it is a cautious beginning.
_EDITED = (
    "ALTER TABLE edit_rates ADD COLUMN stories BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE edit_rates ADD COLUMN changed BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE edit_rates ADD COLUMN told BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE edit_rates ADD COLUMN silent BIGINT NOT NULL DEFAULT 0",
    "UPDATE edit_rates SET stories = visits / 2, changed = edits",
)

# What each kind of address of a site gave; those that gave nothing for long are cut off.
_YIELDS = (
    """
    CREATE TABLE yields (
        site TEXT NOT NULL,
        pattern TEXT NOT NULL,
        pages BIGINT NOT NULL,
        articles BIGINT NOT NULL,
        barren BIGINT NOT NULL,
        cut_at TEXT,
        looked_at TEXT,
        example TEXT NOT NULL,
        PRIMARY KEY (site, pattern)
    )
    """,
    (
        "CREATE INDEX ledger_left_alone ON ledger (site, reason) WHERE outcome = 'out_of_scope' AND reason = "
        "'barren_pattern'"
    ),
)

# Each article's line as it was written.
_LINES = ("ALTER TABLE articles ADD COLUMN line_sha256 TEXT",)

# What articles say, as sketches, and the clusters of those that say the same (crawler/run/syndication.py).
_SYNDICATION = (
    """
    CREATE TABLE sketches (
        id {identity},
        url TEXT NOT NULL,
        captured_at TEXT NOT NULL,
        site TEXT NOT NULL,
        title TEXT,
        published_at TEXT,
        scale INTEGER NOT NULL,
        digest TEXT NOT NULL,
        hashes {bytes} NOT NULL,
        cluster BIGINT,
        UNIQUE (url, captured_at)
    )
    """,
    "CREATE INDEX sketches_by_time ON sketches (captured_at)",
    "CREATE INDEX sketches_by_cluster ON sketches (cluster) WHERE cluster IS NOT NULL",
    "CREATE TABLE postings (hash BIGINT NOT NULL, sketch BIGINT NOT NULL, PRIMARY KEY (hash, sketch)) {by_key}",
)

# When each channel is due (crawler/state/rhythms.py), and the gaps of those that moved on by more than they hold.
_RHYTHMS = (
    """
    CREATE TABLE rhythms (
        site TEXT NOT NULL,
        url TEXT NOT NULL,
        memory TEXT NOT NULL,
        read_at TEXT NOT NULL,
        due_at TEXT NOT NULL,
        why TEXT NOT NULL,
        PRIMARY KEY (site, url)
    )
    """,
    """
    CREATE TABLE gaps (
        site TEXT NOT NULL,
        url TEXT NOT NULL,
        begin_at TEXT NOT NULL,
        end_at TEXT NOT NULL,
        run TEXT NOT NULL,
        found BIGINT NOT NULL,
        PRIMARY KEY (site, url, end_at)
    )
    """,
    "CREATE INDEX gaps_by_time ON gaps (end_at)",
)

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (*_RUNS, *_LEDGER, *_ARCHIVE, *_SITES),
    _BROWSE,
    _ALARMS,
    _SEARCH,
    _PAGING,
    _OWNERS,
    _FOLLOWING,
    _PACES,
    _CHANNELS,
    _EVIDENCE,
    _EDITED,
    _YIELDS,
    _LINES,
    _SYNDICATION,
    _RHYTHMS,
)
"""Number n is at index n - 1; its statements run in order, in one transaction."""
