#!/bin/sh
# env.sh DIR PYTHON REQUIREMENT... makes the virtual environment DIR with this Python and these packages, name==version each. One that
# is there with the same packages stays.
set -eu
dir=$1 python=$2
shift 2
[ "$(cat "$dir/requirements" 2>/dev/null)" = "$*" ] && exit 0
"$python" --version >/dev/null 2>&1 || { echo "there is no $python" >&2; exit 1; }
rm -rf "$dir"
"$python" -m venv "$dir"
"$dir/bin/pip" install --quiet --disable-pip-version-check "$@"
echo "$*" >"$dir/requirements"
