# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# What the shell commands of tools/ share. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

fail() {
    printf '%s: error: %s\n' "${0##*/}" "$1" >&2
    shift
    (($# == 0)) || printf '        %s\n' "$@" >&2
    exit 1
}

# The comment of the command that sources this file, from "Usage:" to the first empty line.
print_usage() { sed -n '/^# Usage:/,/^$/{/^$/q; s/^# \{0,1\}//; p}' "$0"; }

wants_help() {
    local argument
    for argument in "$@"; do
        [[ $argument == --help || $argument == -h ]] && return 0
    done
    return 1
}

# Runs the Python module $1 of tools/lib/commands. A Debian without Python gets it, with all else, from tools/setup.
run_command() { # MODULE ARGUMENT...
    local module=$1
    shift
    command -v python3 >/dev/null || "$root/tools/setup"
    PYTHONPATH=$root/tools exec python3 -B -m "lib.commands.$module" "$@"
}
