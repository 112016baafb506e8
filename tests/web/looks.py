"""What a page looks like to those who measure it: accessibility, and whether it jumps while it loads."""

from __future__ import annotations

from functools import cache

from playwright.sync_api import Page

from local.setup import ROOT


def violations(page: Page) -> list[str]:
    """Serious and critical findings of axe, a line each."""
    page.evaluate(_axe())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"][:3]
    ]


def layout_shifts(page: Page) -> list[tuple[float, list[str]]]:
    """The shifts that no input of the user explains: their scores (1 is the whole window), and what moved."""
    observed = """new Promise(done => {
        const found = []
        new PerformanceObserver(list => {
            for (const entry of list.getEntries()) if (!entry.hadRecentInput) found.push([
                entry.value, entry.sources.map(({node}) => node?.outerHTML?.slice(0, 80) ?? '')
            ])
        }).observe({type: 'layout-shift', buffered: true})
        setTimeout(() => done(found), 200)
    })"""
    return [(score, moved) for score, moved in page.evaluate(observed)]


WATCH = """
window.painted = new Promise(done => new MutationObserver((_, watching) => {
    if (!document.querySelector('tbody tr')) return
    watching.disconnect()
    requestAnimationFrame(() => setTimeout(() => done(performance.now())))
}).observe(document, {childList: true, subtree: true}))
"""
"""A script that notes when the first row of a table was painted."""


def seconds_to_table(page: Page) -> float:
    """From the moment that all of the page's code is there until the table is painted; needs WATCH."""
    observed = """window.painted.then(painted => {
        const ends = performance.getEntriesByType('resource')
            .filter(({name, responseEnd}) => name.endsWith('.js') && responseEnd < painted)
            .map(({responseEnd}) => responseEnd)
        return (painted - Math.max(...ends)) / 1000
    })"""
    return float(page.evaluate(observed))


@cache
def _axe() -> str:
    return (ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")
