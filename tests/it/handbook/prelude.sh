# The shell that a page is run by. shellcheck shell=bash
set -eo pipefail
. "$PROGRAMS/lib.sh"
: >"$MACHINE/failed"
export EXPECTED='' SHOWN='' EXIT=0 UNTIL=''
at='the beginning'
trap 'echo "at $at: $(cat "$MACHINE/failed" 2>/dev/null)"; kill $(jobs -p) 2>/dev/null || true' ERR

# Gives a stand-in of the pages (USER_ID) its value.
keep() {
  printf '%s' "$2" >"$MACHINE/names/$1"
}

# A member's text in the last answer; the first there is.
member() {
  grep -o "\"$1\": *\"\?[^\",}]*" "$MACHINE/said" | head -n 1 | sed 's/^[^:]*: *"\?//'
}

# The page's next command ends with this exit code.
ends_with() {
  EXIT=$1
}

# The words of a page with all that stands for something replaced.
filled() {
  local text name
  text=$(cat)
  for name in "$MACHINE"/names/*; do
    [ -e "$name" ] || continue
    text=${text//"$(basename "$name")"/"$(cat "$name")"}
  done
  if grep -oE '\b([A-Z]+_)+ID\b|\bSEQ\b' <<<"$text"; then
    fail "that stands for nothing: $text"
  fi
  printf '%s' "$text"
}

# Waits for a command to be true.
soon() {
  for _ in $(seq 600); do
    if "$@" >/dev/null 2>&1; then return; fi
    # What was said too early is no failure.
    : >"$MACHINE/failed"
    sleep 0.05
  done
  fail "not in 30 s: $*"
}

# Whether the last command said this.
said() {
  grep -qF -- "$1" "$MACHINE/said" || fail "$1 is not in: $(cat "$MACHINE/said")"
}

# Asks the daemon as its operator, beside the page.
ask() {
  curl -sS -H "Authorization: Bearer $(cat "$MACHINE/var/lib/zelador/operator.token")" \
    -H 'Content-Type: application/json' -H 'Accept-Language: en' "http://127.0.0.1:8000$1" "${@:2}" >/dev/null
}

# Books the page's resource on the day that 2030-12-05 stands for.
book() {
  ask /bookings -d "{\"resource_id\": \"$(cat "$MACHINE/names/RESOURCE_ID")\", \"user_id\": \"$(cat "$MACHINE/names/USER_ID")\",
    \"start_time\": \"${DAY}T$1:00\", \"end_time\": \"${DAY}T$2:00\"}"
}

# Whether all of the command before has gone well, `a && b` too.
went_well() {
  [ ! -s "$MACHINE/failed" ] || return 1
}
