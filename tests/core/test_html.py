"""What people type about their things, as it may stand on a page of ours."""

import pytest

from apps.core.text.html import sanitise, with_paragraphs


def shown(typed: str) -> str:
    return with_paragraphs(sanitise(typed))


@pytest.mark.parametrize(
    ("typed", "html"),
    [
        (" \n", ""),
        ("Soft.\r\n\r\n\r\nWarm.\r\nDry.\r\n", "<p>Soft.</p><p>Warm.<br>Dry.</p>"),
        ("2 < 3 & 4", "<p>2 &lt; 3 &amp; 4</p>"),
        ("<b>Soft.</b>\n\nWarm.", "<p><b>Soft.</b></p><p>Warm.</p>"),
        ("<b>Soft.\n\nWarm.</b> Dry.", "<p><b>Soft.</b></p><p><b>Warm.</b> Dry.</p>"),
        ("<i>Soft <b>and\n\nwarm</b></i>", "<p><i>Soft <b>and</b></i></p><p><i><b>warm</b></i></p>"),
    ],
)
def test_a_text_has_paragraphs_where_it_has_blank_lines(typed: str, html: str) -> None:
    assert shown(typed) == html


@pytest.mark.parametrize("typed", ["<p>One\n\ntwo</p>", "One<br>\n\ntwo", "<ul>\n\n<li>One</li>\n</ul>"])
def test_html_stays_as_it_is(typed: str) -> None:
    assert shown(typed) == typed


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "One\n\n<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)' title='\n\n<script>'>One</a>\n\ntwo",
        "<b onclick='alert(1)'>One\n\ntwo</b>",
        "<style>\n\n</style><svg><p>\n\n<style><img onerror=alert(1)>",
        "<li><a href='/' title='\n\n\"><script>'>One\n\n<b>two</a>\n\n</li></p><td>three",
    ],
)
def test_nothing_that_runs_or_is_left_open_comes_through(typed: str) -> None:
    html = shown(typed)
    assert sanitise(html) == html
    for forbidden in ("<script", "<img", "<svg", "<style", " on", "javascript:"):
        assert forbidden not in html.lower()
