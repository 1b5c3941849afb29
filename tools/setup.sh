#!/bin/sh
# Makes this machine able to build the course. It looks for each tool anew every time: it says
# nothing when all are here, else it installs what is missing (Debian, Ubuntu) or explains how.
# After that, building needs no network.
#
#   setup.sh learn      what a learner needs (setup.sh test: the same)
#   setup.sh check      also what slides and the wide checks need
#   setup.sh bench      also what builds Tokio and others, to compare with
#   setup.sh doctor     report on every tool and limit
#   setup.sh compiler   print the C++ compiler to use
set -u
level=${1:-} root=$(dirname "$0")/..

# The tools: who needs it, its name, the oldest version that will do (- for any), its package on
# Debian and Ubuntu, on Fedora, and on Arch (the wide checks and the comparison with others are made
# for the first two alone), and what it is for. Runs $1 for each.
each_tool() {
    while read -r who tool least debian fedora arch purpose; do "$1"; done <<END
learn compiler        -    clang-$clang           clang           clang       compiles C++23: clang 19, g++ 13, or newer
learn libstdc++       12   libstdc++-$gcc-dev     libstdc++-devel gcc         is the C++ standard library
learn symbolizer      -    llvm-$clang            llvm            llvm        puts names and lines into reports
learn sanitizer       -    libclang-rt-$clang-dev compiler-rt     compiler-rt catches memory errors and races
learn cmake           3.25 cmake                  cmake           cmake       plans the build
learn ninja           -    ninja-build            ninja-build     ninja       runs the build
learn ccache          -    ccache                 ccache          ccache      remembers what was compiled
learn doctest         -    doctest-dev            doctest-devel   doctest     runs the tests
learn python3         3.11 python3                python3         python      runs the commands of the course
learn git             -    git                    git             git         keeps your work
learn make            -    make                   make            make        is the front door
check g++-12          -    g++-12                 -               -           is the oldest compiler that must agree
check clang-format-19 -    clang-format-19        -               -           gives all sources one layout
check clang-tidy-19   -    clang-tidy-19          -               -           finds what compilers let pass
check patch           -    patch                  -               -           makes the wrong solutions
check pkg-config      -    pkg-config             -               -           finds libraries, as programs of others do
check node            18   nodejs                 -               -           builds the slides
check npm             -    npm                    -               -           brings the slide builder
check chromium        -    chromium               -               -           sees whether a slide overflows
check curl            -    curl                   -               -           talks with the web server
check nc              -    netcat-openbsd         -               -           talks with servers
check socat           -    socat                  -               -           talks with servers, in its own way
check ab              -    apache2-utils          -               -           asks a web server, often
check wrk             -    wrk                    -               -           asks a web server, as often as it can
check ip              -    iproute2               -               -           makes a network of its own
check /usr/sbin/nft   -    nftables               -               -           loses packets in it
bench /usr/bin/cargo  -    cargo                  -               -           builds Tokio; no other cargo will do
bench tokio           -    librust-tokio-dev      -               -           is the peer to beat
bench tokio-macros    -    librust-tokio-macros-dev -             -           is a part of Tokio
bench asio            -    libasio-dev            -               -           serves beside us
bench libuv           -    libuv1-dev             -               -           serves beside us
bench /usr/bin/go     -    golang-go              -               -           serves beside us
bench strace          -    strace                 -               -           counts system calls
END
}

say() { printf '%s\n' "$@"; }
fail() { say "$@" >&2 && exit 1; }
have() { command -v "$1" >/dev/null; }
exists() { for path; do [ -e "$path" ] && return; done; return 1; }
interactive() { [ -t 0 ] && [ -t 1 ]; }
rank() { (IFS=. && set -- $1 && printf %d%03d "${1:-0}" "${2:-0}"); }  # 3.25.1 becomes 3025
at_least() { [ "$(rank "$1")" -ge "$(rank "$2")" ]; }

# Prints the version that a program reports. Debian's python3-minimal counts as none: it cannot
# read TOML.
version_of() {
    have "$1" || return
    case $1 in
        python3) set -- python3 -ISc 'import sys; from importlib.machinery import PathFinder
print(PathFinder.find_spec("tomllib") and sys.version)' ;;
        *) set -- "$1" --version ;;
    esac
    for word in $("$@" 2>/dev/null); do
        word=${word#v}
        case $word in [0-9]*.[0-9]*) say "${word%%[!0-9.]*}" && return ;; esac
    done
}

# Sets cxx to the best compiler, or to nothing; clang to its number, or to the one to install; and
# gcc to the newest GCC with files here, because there clang looks for the standard library.
find_compiler() {
    cxx='' clang=19 gcc=12
    for name in clang++-21 clang++-20 clang++-19; do
        have $name && cxx=$name clang=${name#*-} && break
    done
    if [ -z "$cxx" ] && at_least "$(version_of clang++)" 19; then
        cxx=clang++ clang=$(version_of clang++) clang=${clang%%.*}
    fi
    if [ -z "$cxx" ] && [ "$level" != check ]; then  # the wide checks are clang's
        for name in g++-16 g++-15 g++-14 g++-13; do
            have $name && cxx=$name && break
        done
        [ -z "$cxx" ] && at_least "$(version_of g++)" 13 && cxx=g++
    fi
    for path in /usr/lib/gcc/"$(uname -m)"-*/*/crtbegin.o; do
        found=${path%/*} found=${found##*/}
        [ -e "$path" ] && at_least "$found" "$gcc" && gcc=$found
    done
}

# Is this tool here, and new enough? What g++ needs besides itself comes with it.
present() {
    case $cxx-$tool in
        g++*-libstdc++ | g++*-symbolizer | g++*-sanitizer | ?*-compiler) ;;
        -compiler) return 1 ;;
        *-libstdc++) [ -z "$cxx" ] || exists "/usr/include/c++/$gcc/expected" ;;
        # Debian's sanitizers take only the one of their own version.
        clang++-*-symbolizer | -symbolizer) have "llvm-symbolizer-$clang" ;;
        *-symbolizer) have "llvm-symbolizer-$clang" || have llvm-symbolizer ;;
        *-sanitizer) exists /usr/lib/clang/"$clang"*/lib/*/libclang_rt.asan* ;;
        *-asio) exists /usr/include/asio.hpp ;;
        *-libuv) exists /usr/include/uv.h ;;
        *-tokio*) exists /usr/share/cargo/registry/"$tool"-[0-9]* ;;
        *-doctest) exists /usr/include/doctest/doctest.h /usr/local/include/doctest/doctest.h ;;
        *) have "$tool" && { [ "$least" = - ] || at_least "$(version_of "$tool")" "$least"; } ;;
    esac
}

# Is a tool missing? Sets missing to lines about those, and on_... to their packages.
find_missing() {
    missing='' on_debian='' on_fedora='' on_arch=''
    each_tool note_missing
    [ "$missing" ]
}
note_missing() {
    [ "$who" = learn ] || [ "$who" = "$level" ] || return
    present && return
    missing=$missing$(printf '\n  %-16s%-6s%s' "$tool" "${least#-}" "$purpose")
    on_debian="$on_debian $debian" on_fedora="$on_fedora $fedora" on_arch="$on_arch $arch"
}

explain() {  # explain REASON: says what is missing and how to get it, and gives up
    say "Nara needs tools that are not on this machine:$missing" ''
    say "$1, so nothing was changed. One of these brings them:"
    say "  Debian, Ubuntu   sudo apt-get install --no-install-recommends$on_debian"
    case $level in
        check) ;;
        bench) say '  Without them     runtime/bench/bench.py' ;;
        *) say "  Fedora           sudo dnf install$on_fedora" \
            "  Arch             sudo pacman -S --needed$on_arch" ;;
    esac
    say '  Windows (WSL2)   wsl --install -d Debian' \
        '  Devcontainer     devcontainer up --workspace-folder .'
    exit 1
} >&2

apt_get() {
    $sudo env DEBIAN_FRONTEND=noninteractive PATH="$PATH:/usr/sbin:/sbin" \
        apt-get -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1 </dev/null
}

install() {
    have apt-get || explain 'There is no apt-get here'
    sudo='' log=$root/build/setup.log start=$(date +%s)
    if [ "$(id -u)" != 0 ]; then
        sudo=sudo
        have sudo && { interactive || sudo -n true 2>/dev/null; } ||
            explain 'Only root may install, and sudo cannot be used here'
    fi
    say "To build Nara, apt-get will install$on_debian."
    if interactive; then
        printf 'Go ahead? [Y/n] '
        read -r answer && [ "${answer#[Nn]}" = "$answer" ] || explain 'You said no'
        $sudo true || explain 'sudo said no'
    fi
    mkdir -p "${log%/*}" && : >"$log" || exit
    printf 'Installing (details in build/setup.log) ... '
    apt_get update  # what counts is not whether every source answers, but whether packages come
    if [ -z "$cxx" ]; then  # a newer release may only have a newer clang; if none, ask for 19
        for clang in 19 20 21 19; do
            apt-cache show "clang-$clang" >/dev/null 2>&1 && break
        done
        find_missing
    fi
    apt_get install -y --no-install-recommends $on_debian
    find_compiler
    find_missing || { say "done in $(($(date +%s) - start)) s." && return; }
    say 'failed. It ended with:' "$(tail -n 5 "$log" | sed 's/^/  | /')"
    fail "Still missing:$missing" 'All that apt-get said is in build/setup.log. Is there a network?' \
        'Is this Debian 12, Ubuntu 24.04, or newer? Then try again.'
}

# The doctor's table. Of all that may be wrong, what stops the course sets sick.
report() {  # report STATUS NAME FOUND FIX
    [ "$1" = 0 ] && set -- 0 "$2" "$3" OK
    printf '%-20s %-20s %s\n' "$2" "$3" "$4"
    return "$1"
}
report_tool() {
    present && status=0 || status=1
    case $tool-$status in
        compiler-0) found="$cxx $(version_of "$cxx")" ;;
        libstdc++-0) [ "$cxx" ] && found=$gcc || found='with the compiler' ;;
        symbolizer-0 | sanitizer-0 | doctest-0 | tokio*-0 | asio-0 | libuv-0 | */go-0 | nc-0 | socat-0 | ab-0 | wrk-0 | ip-0 | */nft-0)
            found=here ;;
        *) found=$(version_of "$tool") ;;
    esac
    if [ "$who" != learn ]; then
        report $status "$tool" "${found:-none}" "Not for learners: it $purpose (setup.sh $who)"
    else
        report $status "$tool" "${found:-none}" "It $purpose. Run: tools/setup.sh learn" || sick=1
    fi
}
report_limit() {  # report_limit NAME FOUND TEST WANTED FIX
    [ "$2" = unlimited ] || test "$2" "$3" "$4"
    report $? "$1" "$2" "$5"
}
# Why five runs: up to g++ 13, sanitizers start only by luck where vm.mmap_rnd_bits is above 28. Those
# of clang start over with a plainer layout, which some containers forbid.
works_with() {  # works_with SANITIZER
    program=${log%.log}
    say '#include <expected>' '#include <thread>' \
        'int main() { std::thread([] {}).join(); return std::expected<int, int>(0).value(); }' |
        "${cxx:-c++}" -std=c++23 -fsanitize="$1" -x c++ - -o "$program" &&
        "$program" && "$program" && "$program" && "$program" && "$program"
} >>"$log" 2>&1

doctor() {
    log=$root/build/doctor.log sick=0
    mkdir -p "${log%/*}" && : >"$log" || exit
    each_tool report_tool
    for sanitizer in address thread; do
        works_with $sanitizer && found=works || found=fails
        [ $found = works ]
        report $? "$sanitizer sanitizer" $found \
            'See build/doctor.log. Often this helps: sudo sysctl vm.mmap_rnd_bits=28' || sick=1
    done
    at_least "$(uname -r)" 5.3
    report $? kernel "$(uname -r)" 'pidfd_open came with Linux 5.3: use a newer system' || sick=1
    report_limit cores "$(nproc)" -ge 2 'One is enough, but slow'
    report_limit 'memory, MiB' "$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)" \
        -ge 2000 'Build with one job at a time'
    report_limit 'free disk, MiB' "$(df -Pm "$root" | awk 'END { print $4 }')" -ge 2000 'Make room'
    report_limit 'open files' "$(ulimit -n)" -ge 1024 'Run: ulimit -n 1024'
    report_limit 'locked memory, KiB' "$(ulimit -l)" -ge 8192 'Only io_uring may want more'
    report_limit 'perf paranoia' "$(cat /proc/sys/kernel/perf_event_paranoid)" -le 2 \
        'Only perf minds. Run: sudo sysctl kernel.perf_event_paranoid=2'
    interactive
    report $? terminal "$(tty)" 'Without one, set-up installs without asking'
    report 0 network 'not needed' ''
    [ $sick = 0 ] || fail '' 'Something that the course needs is missing; see above.'
}

find_compiler
case $level in
    learn | test | check | bench) ! find_missing || install ;;
    doctor) doctor ;;
    compiler) [ "$cxx" ] || fail 'No C++ compiler here will do. Run: tools/setup.sh learn'
        say "$cxx" ;;
    *) fail "$(sed -n 's/^#   /tools\//p' "$0")" ;;
esac
