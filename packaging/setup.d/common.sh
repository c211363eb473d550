# Sourced by ./run, ./test and packaging/setup: what the three share. Expects $root, the repository's root.

kTorchVersion=2.15.0
kOldestCargo=1.85

say() { printf '%s\n' "$*" >&2; }

die() {
    say "$@"
    exit 1
}

# Where LibTorch lies: the user's own, or the one that packaging/setup unpacks.
torchDir() {
    printf '%s' "${LATHE_LIBTORCH_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/lathe/libtorch-$kTorchVersion}"
}

# Prints the path of the first cargo that is new enough and has its rustc; fails where there is none.
findCargo() {
    local candidate version
    for candidate in "${LATHE_CARGO:-}" "$(command -v cargo || true)" "$HOME/.cargo/bin/cargo" /usr/bin/cargo; do
        [[ -x $candidate && -x ${candidate%/*}/rustc ]] || continue
        version=$("$candidate" --version 2>/dev/null | cut -d' ' -f2) || continue
        [[ $version == [0-9]* ]] || continue
        if [[ $(printf '%s\n' "$kOldestCargo" "$version" | sort -V | head -n1) == "$kOldestCargo" ]]; then
            printf '%s' "$candidate"
            return 0
        fi
    done
    return 1
}

# How many compilers fit: one a core, but each may take 1.5 GB (LibTorch's headers).
buildJobs() {
    local cores memoryKb fit
    cores=$(nproc)
    memoryKb=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
    fit=$((memoryKb / 1500000))
    printf '%s' "${LATHE_JOBS:-$((fit < 1 ? 1 : fit < cores ? fit : cores))}"
}

# Ninja redraws one line on a terminal; elsewhere show each 25th step, and everything that is not a step.
followBuild() {
    awk '/^\[[0-9]+\/[0-9]+\] / { split(substr($1, 2), n, /[\/\]]/); if (n[1] % 25 && n[1] != n[2]) next }
         { print; fflush() }' >&2
}

# configure PRESET: runs CMake where it never succeeded, or where the preset or a tool's place has changed.
# CMake files that changed are Ninja's business.
configure() {
    local preset=$1 dir=$root/build/$1 key
    key="$(cksum <"$root/CMakePresets.json") $(torchDir) $LATHE_CARGO ${CXX:-}"
    if [[ -e $dir/build.ninja && $(cat "$dir/.configured" 2>/dev/null) == "$key" ]]; then
        return 0
    fi
    say "Configuring build/$preset"
    if ! (cd "$root" && cmake --preset "$preset" "-DLATHE_LIBTORCH_DIR=$(torchDir)" "-DLATHE_CARGO=$LATHE_CARGO") \
            >"$dir/configure.log" 2>&1; then
        tail -n 40 "$dir/configure.log" >&2
        die "CMake could not configure build/$preset; the whole output is in build/$preset/configure.log."
    fi
    printf '%s' "$key" >"$dir/.configured"
}

# requireRoom DIR GIGABYTES: what is in DIR already counts. A full disk would end the build in the midst of a file, with the
# compiler's words.
requireRoom() {
    local used free
    used=$(du -sk "$1" | cut -f1)
    free=$(df -Pk "$1" | awk 'NR == 2 { print $4 }')
    (((used + free) / 1048576 >= $2)) ||
        die "$1 takes about $2 GB when it is built, and its disk has $((free / 1048576)) GB left; free some and start again."
}

# build PRESET TARGET NOTE: configures and builds, one process at a time; says NOTE if there is something to build.
# All that it prints goes to stderr.
build() {
    local preset=$1 target=$2 note=$3 dir=$root/build/$1 ninja
    LATHE_CARGO=$(findCargo) || die "No cargo of version $kOldestCargo or newer was found; run packaging/setup."
    export LATHE_CARGO
    mkdir -p "$dir"
    exec 9>"$dir/.lock"
    flock 9
    configure "$preset" 9>&-
    ninja=(ninja -C "$dir" -j "$(buildJobs)")
    if [[ $("${ninja[@]}" -n "$target" 2>&1 9>&- | tail -n1) != *"no work to do"* ]]; then
        case $target in
            lathe) requireRoom "$dir" 2 ;;
            *) requireRoom "$dir" 6 ;;
        esac
        say "$note"
        if [[ -t 2 ]]; then
            "${ninja[@]}" "$target" >&2 9>&-
        else
            "${ninja[@]}" "$target" 2>&1 9>&- | followBuild
        fi || die "The build failed; the messages are above."
    fi
    exec 9>&-
}
