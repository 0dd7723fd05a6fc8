"""Train the selection's two forests on annotated pages and write crawler/parse/choose/selection.json.

    python benchmarks/train_selection.py EVAL_DIR [--cv] [--without SET] [--predictions FILE] [--out FILE]

EVAL_DIR holds score.py and the annotated sets. With ``--cv`` the figures of a five-fold cross-validation by site are
printed and nothing is written: those are the honest ones, the shipped weights have seen every page. ``--without``
judges a whole set by models that saw the others only, as another benchmark would. Needs lightgbm and numpy, which the
parser itself does not.
"""

from __future__ import annotations

import argparse
import gzip
import importlib
import json
import sys
import zlib
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import lightgbm
import numpy as np
from grafts import MARK, grafted

from crawler.parse.charset import decode as charset
from crawler.parse.choose.features import BITS, FEATURES, measure
from crawler.parse.choose.lexicon import LEXICON, lexical_bits
from crawler.parse.choose.select import SURE_OUT, verdicts
from crawler.parse.choose.surroundings import CONTEXT, context_rows
from crawler.parse.fields.metadata import gather
from crawler.parse.fields.title import title_of
from crawler.parse.page import tree as page_tree
from crawler.parse.page.flatten import flatten
from crawler.parse.page.hints import HINTS

VERSION = "4"
SETS = {"fundus": 1.0, "nonlatin": 1.0, "arabic": 1.0, "readability": 0.35, "trafilatura": 0.3, "wcxb": 0.1}
GRAFTS = {"fundus": 2, "nonlatin": 2, "arabic": 2, "readability": 1}
"""How many copies with grafted furniture a page of a set gives."""
GRAFTED = 0.25
"""Weight of such a copy."""
FOLDS = 5
APART = FOLDS
"""The fold of pages that no model sees."""
ROUNDS = (260, 160)
PARAMETERS = {
    "objective": "binary", "learning_rate": 0.06, "num_leaves": 16, "min_data_in_leaf": 25, "feature_fraction": 0.4,
    "bagging_fraction": 0.8, "bagging_freq": 1, "lambda_l2": 10, "verbose": -1, "seed": 7, "num_threads": 1,
    "max_bin": 127,
    "deterministic": True, "force_row_wise": True,
}  # fmt: skip
SECOND = frozenset(
    [
        "ink",
        "link_share",
        "kind",
        "level",
        "tag",
        "ending",
        "opening",
        "copies",
        "in_main",
        "main_step",
        "from_title",
        "described",
        "in_ld",
        "since_head",
        "sig_count",
        "sig_ink",
        "sig_same",
        "hidden",
        "title_share",
        "emphasis",
        "bold",
        "prev_kind",
        "next_kind",
        "page_paras",
        "position",
        "capitals",
        "lexical",
        "head_lexical",
        "own_hints",
        "article_of",
        "h1_before",
        "since_furniture",
        "furniture_before",
        "box_lexical",
        "box_blocks",
        "box_head",
        "box_links",
        "pictures",
    ]
)
WIDTHS = {"region": 10} | {name: 2 * len(LEXICON) for name in BITS if name.endswith("lexical")}
COLUMNS = [
    (row, bit)
    for row, name in enumerate(FEATURES)
    for bit in (range(WIDTHS.get(name, len(HINTS))) if name in BITS else (None,))
]
CONTEXT_COLUMNS = [
    (len(FEATURES) + i, bit)
    for i, name in enumerate(CONTEXT)
    for bit in (range(len(HINTS)) if name == "branch_hints" else (None,))
]
NAMES = {"own_hints", "near_hints", "all_hints", "branch_hints"}
STATED = {"in_ld": -1, "described": 0}
"""Features that another site may lack, and what they are without: names of elements, and what the metadata say."""
BLIND = 1.0
"""Weight of a page's second turn, in which some of these are gone."""
CALLS = sum(
    1 << len(LEXICON) + LEXICON.index(kind) for kind in ("related", "signup", "share", "ad", "comment", "credit")
)
"""Bits of texts that begin as a call to action or a credit does."""
CAPTION = 1 << HINTS.index("caption")
SECOND_COLUMNS = [c for c in COLUMNS if FEATURES[c[0]] in SECOND] + CONTEXT_COLUMNS


def expand(rows, columns):
    table = np.array(rows, dtype=np.int64)
    return np.stack([table[:, r] if b is None else (table[:, r] >> b) & 1 for r, b in columns], 1).astype(np.float32)


def fold_of(site):
    name = site.lower().removeprefix("www.").split(".")[0]
    return zlib.crc32(name.encode()) % FOLDS


def paragraphs(truth):
    body = truth["body"]
    if isinstance(body, str):
        return [line for line in body.split("\n") if line.strip()]
    return [*(truth.get("summary") or []), *(t for s in body for t in (*s["headline"], *s["paragraphs"]))]


def label_by_text(score, truth, blocks):
    """Label blocks by how much of their text is expected; of copies, those nearest to other expected text."""
    lines = paragraphs(truth)
    tokens = [token for line in lines for token in score.tokens_of(line, "intl")]
    wanted = score.shingles_of(tokens)
    whole = Counter(" ".join(score.tokens_of(line, "intl")) for line in lines)
    labels, copies = [], {}
    for index, block in enumerate(blocks):
        own = score.tokens_of(block.text, "intl")
        key = " ".join(own)
        shingles = score.shingles_of(own)
        share = sum(1 for s in shingles if s in wanted) / len(shingles) if shingles else 0.0
        if len(own) < 6:
            share = float(bool(own) and (key in whole or (len(own) >= 4 and share == 1)))
        labels.append(share)
        if share >= 0.5:
            copies.setdefault(key, []).append(index)
    text = f" {' '.join(tokens)} "
    for key, indexes in copies.items():
        expected = max(1, text.count(f" {key} "))
        if len(indexes) > expected:
            near = {i: _nearness(i, indexes, labels, blocks) for i in indexes}
            for index in sorted(indexes, key=lambda i: (-near[i], i))[expected:]:
                labels[index] = 0.0
    return labels


def _nearness(index, copies, labels, blocks):
    around = range(max(0, index - 4), min(len(blocks), index + 5))
    near = sum(labels[j] * min(30, len(blocks[j].text.split())) for j in around if j not in copies)
    return near - 50 * blocks[index].element.hidden


def label_by_snippet(score, truth, blocks):
    labels = []
    for block in blocks:
        text = score.squeeze(block.text)
        hits = [
            any(score.squeeze(s) in text or (len(text) > 40 and text in score.squeeze(s)) for s in truth[key])
            for key in ("must", "must_not")
        ]
        labels.append(None if hits[0] == hits[1] else float(hits[0]))
    return labels


def without_captions(page):
    """Return the labels with captions and the headline unknown: in a set that keeps them, Warraq's format does not."""
    captions = {
        block.index
        for block in page.layout.blocks
        if block.tag == "figcaption" or (block.hints | block.element.hints) & CAPTION
    }
    unknown = captions | {page.title.block}
    return [None if index in unknown else label for index, label in enumerate(page.labels)]


def in_house_style(score, page):
    """Return the labels of a set that keeps captions, calls to action, bylines and tables as it likes: those are
    unknown.

    So are the blocks of a page whose expected text is not on it.
    """
    labels = without_captions(page)
    wanted = score.shingles_of(score.tokens_of("\n".join(paragraphs(page.truth)), "intl"))
    shown = score.shingles_of(score.tokens_of("\n".join(block.text for block in page.layout.blocks), "intl"))
    if sum((wanted & shown).values()) < 0.8 * wanted.total():
        return [None] * len(labels)
    for block in page.layout.blocks:
        label = labels[block.index]
        if label is None:
            continue
        bits = lexical_bits(block.text) if block.ink < 400 else 0
        if (label > 0.5 and bits & CALLS) or (label <= 0.5 and block.kind in ("table", "item")) or 0.2 < label < 0.8:
            labels[block.index] = None
    return labels


def read_page(raw, truth):
    tree = page_tree.build(raw)
    meta = gather(tree.parser, truth["url"])
    layout = flatten(tree.parser.body or tree.parser.root)
    title = title_of(meta, layout)
    measures = measure(layout, meta, title=title.text, title_block=title.block)
    foreign = is_grafted(layout)
    return SimpleNamespace(layout=layout, title=title, measures=measures, truth=truth, foreign=foreign)


def without_tree(page, raw):
    """Return `page` with its bytes, packed, instead of the tree: trees are large, and only the verdicts ask them."""
    for element in page.layout.elements:
        element.node = None
    page.packed = zlib.compress(raw, 1)
    return page


def is_grafted(layout):
    """Tell for each element whether it is a piece of grafted furniture or lies in one."""
    found = []
    for element in layout.elements:
        outer = element.parent is not None and found[element.parent.index]
        found.append(outer or MARK in element.node.attributes)
    return found


def load_pages(score, root):
    pages = []
    truths = []
    for name in SETS:
        with gzip.open(root / name / "truth.jsonl.gz", "rt", encoding="utf-8") as lines:
            truths += [(name, truth) for truth in map(json.loads, lines) if not truth.get("exclude_body")]
    prose = {}
    for name, truth in truths:
        if name in GRAFTS:
            lines = [line for line in paragraphs(truth) if len(line) > 60]
            prose.setdefault(truth["language"], []).extend((truth["id"], line) for line in lines)
    for name, truth in truths:
        raw = gzip.decompress((root / name / "pages" / f"{truth['id']}.html.gz").read_bytes())
        raw = charset.decode(raw).text.encode("utf-8", "replace")
        pages.append(labelled(score, name, truth, without_tree(read_page(raw, truth), raw)))
        if name not in GRAFTS or pages[-1].labels.count(None) == len(pages[-1].labels):
            continue
        seed = zlib.crc32(truth["id"].encode())
        own = paragraphs(truth)
        others = [line for ref, line in prose[truth["language"]] if ref != truth["id"]]
        at = seed % max(1, len(others) - 60)
        for turn in range(GRAFTS[name]):
            more = grafted(raw, own, others[at : at + 60], seed=seed + turn)
            if more is not None:
                page = without_tree(read_page(more, truth), more)
                pages.append(labelled(score, name, truth, page, copy=turn + 1))
    return pages


def labelled(score, name, truth, page, *, copy=0):
    """Return `page` with what its blocks are; `copy` numbers those with grafted furniture."""
    page.set, page.fold, page.copy = name, fold_of(truth["site"]), copy
    labeller = label_by_snippet if "must" in truth else label_by_text
    blocks = page.layout.blocks
    page.labels = labeller(score, truth, blocks)
    if name == "readability":
        page.labels = without_captions(page)
    elif name == "wcxb":
        page.labels = in_house_style(score, page)
    for block in blocks:
        if page.foreign[block.element.index]:
            page.labels[block.index] = 0.0
    page.sizes = [len(score.tokens_of(block.text, "intl")) for block in blocks]
    page.rows = page.measures.rows
    return page


def samples(pages):
    """Return (page, block), label and weight of every labelled block; a page weighs the same whatever its length."""
    where, labels, weights = [], [], []
    for page in pages:
        picked = [i for i, row in enumerate(page.rows) if row is not None and page.labels[i] is not None]
        total = max(60, sum(page.sizes[i] for i in picked if page.labels[i] > 0.5))
        for i in picked:
            share = 1 / len(picked) if page.set == "trafilatura" else min(1.0, (page.sizes[i] + 6) / total)
            where.append((page, i))
            labels.append(page.labels[i] > 0.5)
            share *= GRAFTED if page.copy else 1
            weights.append(share * SETS[page.set] * (abs(page.labels[i] - 0.5) * 2 + 0.05))
    return where, np.array(labels, float), np.array(weights)


def grow(table, labels, weights, rounds):
    data = lightgbm.Dataset(table, labels, weight=weights / weights.mean(), params={"verbose": -1})
    return lightgbm.train(dict(PARAMETERS), data, rounds)


def blinded(table, where, columns):
    """Return the rows as a site might give them that names its elements otherwise, or states nothing, or both."""
    names = [FEATURES[row] if row < len(FEATURES) else CONTEXT[row - len(FEATURES)] for row, _ in columns]
    turn = np.array([zlib.crc32(page.truth["id"].encode()) % 4 for page, _ in where])
    table = table.copy()
    for column, name in enumerate(names):
        if name in NAMES:
            table[turn % 2 == 0, column] = 0
        elif name in STATED:
            table[turn > 0, column] = STATED[name]
    return table


def judge(rows, model, columns):
    chances = [0] * len(rows)
    picked = [i for i, row in enumerate(rows) if row is not None]
    if picked:
        for i, chance in zip(picked, model.predict(expand([rows[i] for i in picked], columns)), strict=True):
            chances[i] = round(1000 * float(chance))
    return chances


def train(pages, *, cv):
    """Return both stages' models over all pages, and each page's chances by models that did not see its fold."""
    where, labels, weights = samples(pages)
    stage, alone = {}, {}
    rows = {id(page): page.rows for page in pages}
    for number, columns in ((1, COLUMNS), (2, SECOND_COLUMNS)):
        there = np.array([rows[id(page)][i] is not None for page, i in where])
        known = [place for place, is_there in zip(where, there, strict=True) if is_there]
        table = expand([rows[id(page)][i] for page, i in known], columns)
        folds = np.array([page.fold for page, _ in known])

        def model(chosen, table=table, known=known, there=there, number=number, columns=columns):
            picked = [place for place, is_chosen in zip(known, chosen, strict=True) if is_chosen]
            seen = table[chosen]
            return grow(
                np.concatenate([seen, blinded(seen, picked, columns)]),
                np.tile(labels[there][chosen], 2),
                np.concatenate([weights[there][chosen], BLIND * weights[there][chosen]]),
                ROUNDS[number - 1],
            )

        unseen = {f: model((folds != f) & (folds != APART)) for f in sorted({page.fold for page in pages})}
        chances = {id(page): judge(rows[id(page)], unseen[page.fold], columns) for page in pages}
        if not cv:
            stage[number] = model(folds != APART)
        if number == 1:
            alone = chances
            rows = {id(p): context_rows(p.measures, p.layout, chances[id(p)], wanted(p, chances[id(p)])) for p in pages}
    return stage, {key: among(rows[key], alone[key], chances[key]) for key in chances}


def apart(pages, name):
    """Put the pages of a set into a fold of their own, that no model sees."""
    for page in pages:
        if page.set == name:
            page.fold = APART


def wanted(page, chances):
    """Tell for each block whether it gets a second judgement: as in crawler/parse/choose/select.py."""
    return [row is not None and chance > SURE_OUT for row, chance in zip(page.rows, chances, strict=True)]


def among(rows, alone, chances):
    """Return the second judgement of each block, and the first one of those that got no other."""
    return [second if row is not None else first for row, first, second in zip(rows, alone, chances, strict=True)]


def chosen_text(page, chances):
    whole = read_page(zlib.decompress(page.packed), page.truth)
    reasons = verdicts(whole.layout, whole.measures, chances, title=whole.title.text, title_block=whole.title.block)
    return "\n\n".join(block.text for block, reason in zip(whole.layout.blocks, reasons, strict=True) if not reason)


def report(score, pages, chances):
    for name in (*SETS, *(f"{name}+" for name in GRAFTS)):
        chosen = [
            page for page in pages if page.set == name.removesuffix("+") and bool(page.copy) == name.endswith("+")
        ]
        texts = [chosen_text(page, chances[id(page)]) for page in chosen]
        if name == "trafilatura":
            counts = np.zeros(3)
            for page, text in zip(chosen, texts, strict=True):
                flat = score.squeeze(text)
                hit = sum(score.squeeze(s) in flat for s in page.truth["must"])
                counts += (
                    hit,
                    sum(score.squeeze(s) in flat for s in page.truth["must_not"]),
                    len(page.truth["must"]) - hit,
                )
            print(f"{name:<12} F1 {2 * counts[0] / (2 * counts[0] + counts[1] + counts[2]):.4f}")
            continue
        bodies = [
            score.Body(
                p.truth["body"] if isinstance(p.truth["body"], str) else "\n\n".join(paragraphs(p.truth)), t, "intl"
            )
            for p, t in zip(chosen, texts, strict=True)
        ]
        precision = np.mean([b.precision for b in bodies if b.tp + b.fp > 0])
        recall = np.mean([b.recall for b in bodies if b.tp + b.fn > 0])
        equal = np.mean([b.equal for b in bodies])
        print(
            f"{name:<12} F1 {score.harmonic(precision, recall):.4f}  P {precision:.4f}  R {recall:.4f}  equal "
            f"{equal:.3f}"
        )


def exported(model, columns):
    """Return a model as nested lists of whole numbers."""

    def node(tree):
        if "leaf_value" in tree:
            return round(1000 * tree["leaf_value"])
        row, bit = columns[tree["split_feature"]]
        sides = [node(tree["left_child"]), node(tree["right_child"])]
        return [row, int(np.floor(tree["threshold"])), *sides] if bit is None else [~row, 1 << bit, *sides]

    return {"base": 0, "trees": [node(tree["tree_structure"]) for tree in model.dump_model()["tree_info"]]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("eval", type=Path)
    parser.add_argument("--cv", action="store_true", help="cross-validate only")
    parser.add_argument("--without", choices=SETS, metavar="SET", help="judge this set by models of the others")
    parser.add_argument("--predictions", type=Path, help="write the cross-validated bodies, for score.py")
    parser.add_argument("--out", type=Path, default=Path("crawler/parse/choose/selection.json"))
    args = parser.parse_args()
    sys.path.insert(0, str(args.eval))
    score = importlib.import_module("score")
    pages = load_pages(score, args.eval)
    if args.without:
        apart(pages, args.without)
    stage, chances = train(pages, cv=args.cv or bool(args.without))
    report(score, pages, chances)
    if args.predictions:
        rows = ({"id": p.truth["id"], "body": chosen_text(p, chances[id(p)])} for p in pages if not p.copy)
        args.predictions.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    if not args.cv and not args.without:
        stages = [exported(stage[1], COLUMNS), exported(stage[2], SECOND_COLUMNS)]
        text = json.dumps(
            {"version": VERSION, "features": [*FEATURES, *CONTEXT], "stages": stages}, separators=(",", ":")
        )
        args.out.write_text(text + "\n", encoding="utf-8")
        print(f"wrote {args.out}: {len(text)} bytes")


if __name__ == "__main__":
    main()
