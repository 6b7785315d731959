"""Thinning: what stays of old samples."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.thinning import HOURS, MINUTES, SPANS, OldSample, Span, thinned

NOON = datetime(2026, 11, 3, 12, 0, 30, tzinfo=UTC)

spans = st.sampled_from(SPANS)


@st.composite
def samples(draw: st.DrawFn) -> list[OldSample]:
    rows = draw(
        st.lists(
            st.tuples(st.integers(0, 6 * 3600), st.booleans(), st.integers(0, 500)), max_size=60
        )
    )
    return [
        OldSample(sample_id, NOON + timedelta(seconds=seconds), known, taken)
        for sample_id, (seconds, known, taken) in enumerate(rows, 1)
    ]


def after(rows: Sequence[OldSample], span: Span) -> list[OldSample]:
    done = thinned(rows, span)
    return [
        OldSample(row.id, row.at, row.known, done.taken.get(row.id, row.taken))
        for row in rows
        if row.id not in done.gone
    ]


@given(samples(), spans)
def test_the_sum_of_what_was_taken_stays(rows: list[OldSample], span: Span) -> None:
    assert sum(row.taken for row in after(rows, span)) == sum(row.taken for row in rows)


@given(samples(), spans)
def test_each_bucket_keeps_exactly_one(rows: list[OldSample], span: Span) -> None:
    buckets = [span.bucket(row.at) for row in after(rows, span)]
    assert len(buckets) == len(set(buckets))
    assert set(buckets) == {span.bucket(row.at) for row in rows}


@given(samples(), spans)
def test_the_newest_known_sample_stays(rows: list[OldSample], span: Span) -> None:
    known = [row for row in rows if row.known]
    if known:
        newest = max(known, key=lambda row: (row.at, row.id))
        assert newest.id in {row.id for row in after(rows, span)}


@given(samples(), spans)
def test_thinning_again_changes_nothing(rows: list[OldSample], span: Span) -> None:
    once = after(rows, span)
    assert after(once, span) == once


@given(samples())
def test_by_the_hour_is_the_same_after_minutes_as_at_once(rows: list[OldSample]) -> None:
    def known_then(row: OldSample) -> tuple[int, int, bool]:
        return row.id, row.taken, row.known

    by_minutes = after(after(rows, MINUTES), HOURS)
    assert list(map(known_then, by_minutes)) == list(map(known_then, after(rows, HOURS)))


@given(samples(), spans, st.integers(0, 10**6))
def test_a_bucket_is_thinned_only_once_all_of_it_is_old_enough(
    rows: list[OldSample], span: Span, seconds: int
) -> None:
    now = NOON + timedelta(seconds=seconds)
    since, until = span.bounds(now)
    assert until <= now - span.after < until + span.every
    assert since <= now - span.until < since + span.every
    within = {span.bucket(row.at) for row in rows if since <= row.at < until}
    outside = {span.bucket(row.at) for row in rows if not since <= row.at < until}
    assert within.isdisjoint(outside)


def test_the_spans_follow_each_other() -> None:
    assert (MINUTES.after, MINUTES.until) == (timedelta(hours=24), timedelta(days=7))
    assert (HOURS.after, HOURS.until) == (timedelta(days=7), timedelta(days=400))
