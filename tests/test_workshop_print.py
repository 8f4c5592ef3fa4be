"""What a teacher prints: few pages, with a wide font as well."""

import pytest

from followback import workshop

from .conftest import browser_only

pytestmark = [browser_only, pytest.mark.slow]


@pytest.fixture(scope="module")
def printed(chromium, tmp_path_factory):
    """Return how many printed pages each page of the pack takes."""
    pack = workshop.build(tmp_path_factory.mktemp("room") / "pack")
    pages, tab = {}, chromium.new_page()
    for page in [*pack.glob("*.html"), *pack.glob("handouts/*.html")]:
        tab.goto(page.as_uri())
        made = tab.pdf(prefer_css_page_size=True)
        pages[page.stem] = made.count(b"/Type /Page\n")
    tab.close()
    return pages


def test_start_here_takes_two_pages(printed):
    assert 1 <= printed["START-HERE"] <= 2


def test_a_handout_takes_two_or_three_pages(printed):
    handouts = {name: count for name, count in printed.items() if name[:1] == "2"}
    assert len(handouts) == 5
    assert {name: count for name, count in handouts.items() if count not in (2, 3)} == {}
