"""The command line: argv in, one call, output and exit code out. Commands are imported only when asked for."""

from __future__ import annotations

__all__ = ["main"]

import difflib
import sys

import click

from crawler import __version__
from crawler.cli.exit_codes import EXIT_FAILED, EXIT_INTERRUPTED, EXIT_USAGE
from crawler.cli.imported import imported
from crawler.errors import BadStoreUrl, ConfigError, UsageError, WarraqError
from crawler.visible import visible

_COMMANDS = {
    "demo": "crawler.cli.demo:demo",
    "init": "crawler.cli.init:init",
    "crawl": "crawler.cli.crawl:crawl",
    "daemon": "crawler.cli.daemon:daemon",
    "trigger": "crawler.cli.daemon:trigger",
    "pause": "crawler.cli.daemon:pause",
    "resume": "crawler.cli.daemon:resume",
    "status": "crawler.cli.daemon:status",
    "alarms": "crawler.cli.alarms:alarms",
    "replay": "crawler.cli.replay:replay",
    "parse": "crawler.cli.parse:parse",
    "learn": "crawler.cli.learn:learn",
    "sites": "crawler.cli.sites:sites",
    "runs": "crawler.cli.show:runs",
    "why": "crawler.cli.show:why",
    "retry": "crawler.cli.retry:retry",
    "diff": "crawler.cli.diff:diff",
    "report": "crawler.cli.report:report",
    "verify": "crawler.cli.archive:verify",
    "index": "crawler.cli.archive:index",
    "manifest": "crawler.cli.manifest:manifest",
    "backup": "crawler.cli.backup:backup",
    "rebuild": "crawler.cli.rebuild:rebuild",
    "republish": "crawler.cli.republish:republish",
    "articles": "crawler.cli.articles:articles",
    "search": "crawler.cli.search:search",
    "catalogue": "crawler.cli.catalogue:catalogue",
    "query": "crawler.cli.query:query",
    "takedown": "crawler.cli.takedown:takedown",
    "export": "crawler.cli.export:export",
    "wacz": "crawler.cli.wacz:wacz",
    "playback": "crawler.cli.playback:playback",
    "config": "crawler.cli.config:config",
    "schema": "crawler.cli.show:schema",
    "doctor": "crawler.cli.doctor:doctor",
}


_SHORT = {
    "demo": "a small newsroom, crawled, archived, parsed, replayed and compared",
    "init": "a folder to start from: config/ and seeds/",
    "crawl": "sites by name, or the URL of an article, feed, sitemap or section page, now",
    "daemon": "follow the schedules of seeds/ until told to stop",
    "trigger": "have the running daemon crawl a site now",
    "pause": "stop the schedule of a site until it is resumed",
    "resume": "let the schedule of a site go on",
    "status": "what the running daemon does and what is due",
    "alarms": "what is wrong, and what was",
    "replay": "parse archives again, ours or anyone's, without a network",
    "parse": "the article of an HTML page",
    "learn": "what recurs over a site's pages and is no part of its articles",
    "sites": "the sites of seeds/ and when they are crawled",
    "runs": "what ran, the latest first, and what became of it",
    "why": "everything known of one URL",
    "retry": "have what was not obtained tried anew",
    "diff": "how an article's text changed",
    "report": "figures over the archive",
    "verify": "structure, digests and index of archives",
    "index": "the CDXJ of archives, made from their content",
    "manifest": "a chained manifest of each day's files",
    "backup": "a copy of the database, checked, while others go on",
    "rebuild": "the database made anew from the store",
    "republish": "articles that the store lacks or holds damaged, whole again",
    "articles": "articles of the store listed, shown, written in other forms, followed",
    "search": "words in titles and texts of the articles",
    "catalogue": "captures and articles as Parquet, by month, in the store",
    "query": "ask the catalogue in SQL",
    "takedown": "what must no longer be shown, and what is erased",
    "export": "a selection frozen as a dataset to be cited",
    "wacz": "a part of the archive as one file that a browser opens",
    "playback": "a folder from which pywb shows the archive",
    "config": "check or show the settings",
    "schema": "the JSON Schema of a line of articles.jsonl",
    "doctor": "prove that this installation does what it promises",
}
"""What the list of commands says of each; no module is imported for it."""
_MOST_ALIKE = 3


class _Commands(click.Group):
    """Commands by name; the module of one is imported when it is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        target = _COMMANDS.get(cmd_name)
        return None if target is None else imported(target)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], _COMMANDS, n=_MOST_ALIKE)
            hint = f"did you mean {', '.join(near)}?" if near else "`warraq --help` lists them"
            raise UsageError(f"there is no command {args[0]!r}", next_step=hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, _SHORT[name]) for name in _COMMANDS])


def _show_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from crawler.parse.compiled import is_compiled  # noqa: PLC0415 - asked for rarely

        click.echo(f"warraq {__version__}, parser {'compiled' if is_compiled() else 'not compiled'}")
        ctx.exit()


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show it and exit."
)
def _cli() -> None:
    """Warraq, the news archive: crawl news, keep the wire, emit the article.

    Exit codes: 0 done, 1 something failed, 2 usage or configuration, 3 partly done, 4 nothing new, 130 interrupted.
    """


def main(argv: list[str] | None = None) -> int:
    """Run the command of `argv` (default: the process's) and return its exit code; never raises for a user's
    mistake.
    """
    try:
        result = _cli.main(args=argv, prog_name="warraq", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("warraq: interrupted", err=True)
        return EXIT_INTERRUPTED
    except (ConfigError, UsageError, BadStoreUrl) as error:
        click.echo(f"warraq: {visible(error, lines=True)}", err=True)
        return EXIT_USAGE
    except WarraqError as error:
        click.echo(f"warraq: {visible(error, lines=True)}", err=True)
        return EXIT_FAILED
    except BrokenPipeError:
        sys.stderr.close()
        return EXIT_FAILED
    return result if isinstance(result, int) else 0
