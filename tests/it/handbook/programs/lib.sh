# What the stand-ins of the handbook's machine share. MACHINE is its root, PORT where
# its daemon listens, PROGRAMS the folder of these files. shellcheck shell=bash

# Another user's number, where the test may be somebody else; nobody has it.
daemon_id=64321

# The program that a stand-in stands in for.
real() {
  type -ap "$1" | grep -v "^$PROGRAMS/" | head -n 1
}

# Runs a command as the daemon's user: truly another one where the test is root.
as_daemon() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid "$daemon_id" --regid "$daemon_id" --clear-groups "$@"
  else
    "$@"
  fi
}

# What a page asks of the machine itself, which is not touched.
recorded() {
  echo "$*" >>"$MACHINE/recorded"
}

# Ends the page's run, whatever the shell makes of an exit code in `a && b`.
fail() {
  echo "$*" >>"$MACHINE/failed"
  echo "$*" >&2
  exit 1
}
