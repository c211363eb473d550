# awk -f count_tests.awk CTEST_OUTPUT LAST_TEST_LOG: sums the tests' functions and prints the closing line of ./test.
# Exit code 1 if anything failed or nothing ran. Variable ctestCode: ctest's own exit code.

# " 3/10 Test  #3: tst_result ....   Passed    0.02 sec", or "***Failed", "***Timeout", "***Skipped" …
FNR == NR && match($0, /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: [^ ]+/) {
    name = substr($0, RSTART, RLENGTH)
    sub(/.*: /, "", name)
    ended[name] = /\*\*\*Skipped/ ? "skipped" : / Passed +[0-9.]+ sec/ ? "passed" : "failed"
    next
}
FNR == NR { next }

# "3/10 Testing: tst_result" opens a test's part of the log.
/^[0-9]+\/[0-9]+ Testing: / { name = $3; next }
# Qt counts these two as tests; no one wrote them as such.
/^PASS   : [^ ]*::(initTestCase|cleanupTestCase)\(\)/ { passed[name]-- }
/^Totals: [0-9]+ passed, / {
    passed[name] += $2
    failed[name] += $4
    skipped[name] += $6
    hasTotals[name] = 1
}

END {
    for (name in ended) {
        if (!hasTotals[name]) {
            passed[name] = failed[name] = skipped[name] = 0
        }
        # A crash or a time-out leaves no total, or one that does not know of it.
        if (ended[name] == "failed" && !failed[name]) {
            failed[name] = 1
        } else if (!hasTotals[name]) {
            if (ended[name] == "skipped") skipped[name] = 1; else passed[name] = 1
        }
        allPassed += passed[name]
        allFailed += failed[name]
        allSkipped += skipped[name]
    }
    if (ctestCode && !allFailed) {
        allFailed = 1
    }
    printf "%d passed, %d failed%s\n", allPassed, allFailed, allSkipped ? ", " allSkipped " skipped" : ""
    exit allFailed || !(allPassed + allSkipped)
}
