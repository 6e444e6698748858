//! A page by the keyboard alone: everything that can be used is reached by Tab, in the
//! order in which it is read, and shows that it is.

use serde_json::json;

use super::pilot::Pilot;

/// What one can use, by what it is: parts of a page may be exchanged meanwhile.
const WATCH: &str = r"(() => {
  const name = one => [one.localName, one.getAttribute('href') ?? one.name ?? '', one.value ?? '',
    one.form?.getAttribute('action') ?? '', one.localName === 'summary' ? one.textContent : '']
    .join(' ').trim();
  const all = () => [...document.querySelectorAll(
      'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]')]
    .filter(one => one.tabIndex >= 0 && !one.disabled && one.checkVisibility());
  window.walked = { order: [], dark: [], all: () => all().map(name) };
  addEventListener('focusin', event => {
    const one = event.target, style = getComputedStyle(one);
    if (one === document.body) return;
    walked.order.push(name(one));
    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
    const box = one.getBoundingClientRect();
    if (!ring || box.width === 0 || box.bottom < 0 || box.top > innerHeight) walked.dark.push(name(one));
  });
  // From the top, wherever the page has put the focus.
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
  const parts = [...document.querySelectorAll('input')].filter(one => /date|time/.test(one.type));
  const odd = [...document.querySelectorAll('[tabindex]')].filter(one => one.tabIndex > 0);
  return { stops: all().length + parts.length * 8, odd: odd.length };
})()";

/// What was missed, what did not show that it had the focus, and whether the order is
/// that of the page.
const JUDGE: &str = r"(() => {
  const all = walked.all(), seen = new Set(walked.order);
  const first = [...new Set(walked.order)].filter(one => all.includes(one));
  const read = [...new Set(all)].filter(one => seen.has(one));
  return {
    missed: all.filter(one => !seen.has(one)), dark: walked.dark,
    skips: walked.order[0]?.startsWith('a #main') ?? false,
    ordered: JSON.stringify(first) === JSON.stringify(read),
  };
})()";

/// As the page was before.
const REST: &str = "(() => { document.activeElement?.blur(); scrollTo(0, 0); })()";

/// Goes through the page with Tab. `skips`: it begins with a link to its main part.
pub(super) async fn walk(pilot: &mut Pilot, page: &str, skips: bool) {
    let told = pilot.eval(WATCH).await;
    assert_eq!(told["odd"], 0, "{page}: the order is not that of the page");
    for _ in 0..told["stops"].as_u64().unwrap() {
        pilot.key("Tab").await;
    }
    let found = pilot.eval(JUDGE).await;
    pilot.eval(REST).await;
    let wanted = json!({ "missed": [], "dark": [], "skips": skips, "ordered": true });
    assert_eq!(found, wanted, "{page}, by the keyboard: {:#}", pilot.eval("walked.order").await);
}
