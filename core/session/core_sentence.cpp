#include "core/session/core_sentence.h"

#include "core/session/text.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <array>
#include <vector>

namespace lathe {

namespace {

// clang-format off
constexpr std::array kSentences{
    // Of pruners.
    QT_TRANSLATE_NOOP("CoreSentence", "%1 at step %2 is worse than the median %3 of 1 trial"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 at step %2 is worse than the median %3 of %4 trials"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 at step %2 is worse than the %3th percentile %4 of 1 trial"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 at step %2 is worse than the %3th percentile %4 of %5 trials"),
    QT_TRANSLATE_NOOP("CoreSentence", "all values so far are not a number at step %1"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 at step %2 is one of the first %3 at the rung of step %4, from which none goes on yet"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 at step %2 is not among the best %3 of %4 trials at the rung of step %5"),
    QT_TRANSLATE_NOOP("CoreSentence", "no better than %1 in the last %2 values up to step %3, the best of which is %4"),
    QT_TRANSLATE_NOOP("CoreSentence", "mean %1 over %2 steps is worse than the best trial's %3 (signed-rank test, p = %4)"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 at step %2 is not a number"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 at step %2 is not a finite number"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 at step %2 is below the threshold %3"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 at step %2 is above the threshold %3"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 at step %2 is more than %3 times worse than its best %4"),
    // Of the engine.
    QT_TRANSLATE_NOOP("CoreSentence", "ended by hand"),
    QT_TRANSLATE_NOOP("CoreSentence", "not trained: %1"),
    QT_TRANSLATE_NOOP("CoreSentence", "tried again for want of memory, with %1"),
    QT_TRANSLATE_NOOP("CoreSentence", "not in the space that the study searches now: %1"),
    QT_TRANSLATE_NOOP("CoreSentence", "stopped; it can be resumed"),
    QT_TRANSLATE_NOOP("CoreSentence", "Stopped before it began"),
    QT_TRANSLATE_NOOP("CoreSentence", "There was not enough memory; choose a smaller batch or a shorter length"),
    // Of a study's rules.
    QT_TRANSLATE_NOOP("CoreSentence", "%1 does not hold: %2"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 cannot be told: not all of %2 is known"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 is searched and derived; keep one of the two"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 is derived twice; keep one of the two"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 depends on %2, which is derived; let it depend on a searched or fixed value"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 is a whole number and this need not be one; write round(…) or floor(…) around it"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 cannot change from trial to trial; give it one value"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 is not a parameter; did you mean %2?"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 is not a parameter"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 does not say what follows from what; write KEY=EXPRESSION, as in alpha=2*rank"),
    QT_TRANSLATE_NOOP("CoreSentence", "\"%1\" is %2; write what must not be, as in rank > 64 and batch_size > 16"),
    QT_TRANSLATE_NOOP("CoreSentence", "\"%1\" is no limit; write one as in seconds <= 600"),
    QT_TRANSLATE_NOOP("CoreSentence", "\"%1\" is %2; a number is needed"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 is no limit of a field; write FIELD <= EXPRESSION or FIELD >= EXPRESSION"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 is not searched; only a range that is searched has bounds"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 has an upper bound already; keep one of the two"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 has a lower bound already; keep one of the two"),
    QT_TRANSLATE_NOOP("CoreSentence", "only a range of numbers has bounds; forbid what is not wanted"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 is neither a field of the recipe nor reported by these runs; choose one of %2"),
    // Of expressions.
    QT_TRANSLATE_NOOP("CoreSentence", "column %1: %2"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 is not known here; did you mean %2?"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 is not known here"),
    QT_TRANSLATE_NOOP("CoreSentence", "a single = stands here; write == to compare"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1, where an operator or the end is needed"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1, where a value is needed"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1, where ) is needed for the ( in column %2"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1, where , or ) is needed"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1, which is no number; write it as 0.0003 or 3e-4"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 right behind a number; write 2 * x for 2x"),
    QT_TRANSLATE_NOOP("CoreSentence", "the quote that begins here does not end"),
    QT_TRANSLATE_NOOP("CoreSentence", "it ends here"),
    QT_TRANSLATE_NOOP("CoreSentence", "\"%1\" stands here"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 needs %2, this is %3"),
    QT_TRANSLATE_NOOP("CoreSentence", "two comparisons in a row; write \"a < b and b < c\""),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 is compared with %2 here; compare like with like"),
    QT_TRANSLATE_NOOP("CoreSentence", "only numbers are smaller or larger; compare %1 by == or !="),
    QT_TRANSLATE_NOOP("CoreSentence", "too much stands within each other here; make it simpler"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 is no function; there are min, max, floor, ceil, round, abs, sqrt, log2, log10 and pow"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 takes %2, not %3"),
    QT_TRANSLATE_NOOP("CoreSentence", "2 numbers and more"),
    QT_TRANSLATE_NOOP("CoreSentence", "1 number"),
    QT_TRANSLATE_NOOP("CoreSentence", "%1 numbers"),
    QT_TRANSLATE_NOOP("CoreSentence", "( is needed here"),
    QT_TRANSLATE_NOOP("CoreSentence", "true or false"),
    QT_TRANSLATE_NOOP("CoreSentence", "a whole number"),
    QT_TRANSLATE_NOOP("CoreSentence", "a number"),
    QT_TRANSLATE_NOOP("CoreSentence", "a text")};
// clang-format on

struct Matcher {
    QString words;            ///< the longest piece that stays the same: what lacks it need not be matched
    QRegularExpression whole; ///< with a group for each of %1, %2, …
};

Matcher matcherOf(const char* sentence) {
    static const QRegularExpression placeholder(QStringLiteral("%[1-9]"));
    Matcher matcher;
    QStringList pieces;
    for (const QString& piece : QString::fromUtf8(sentence).split(placeholder)) {
        pieces << QRegularExpression::escape(piece);
        matcher.words = piece.size() > matcher.words.size() ? piece : matcher.words;
    }
    matcher.whole.setPattern(QRegularExpression::anchoredPattern(pieces.join(QStringLiteral("(.+?)"))));
    matcher.whole.setPatternOptions(QRegularExpression::DotMatchesEverythingOption);
    return matcher;
}

const std::vector<Matcher>& matchers() {
    static const std::vector<Matcher> all = [] {
        std::vector<Matcher> made;
        for (const char* sentence : kSentences)
            made.push_back(matcherOf(sentence));
        return made;
    }();
    return all;
}

/// QString::arg() in one go: what is put in may have a % of its own.
QString filledIn(const QString& text, const QStringList& parts) {
    QString filled;
    for (qsizetype at = 0; at < text.size(); ++at) {
        const int place =
            text[at] == QLatin1Char('%') && at + 1 < text.size() ? text[at + 1].digitValue() : -1;
        if (place < 1 || place > parts.size()) {
            filled += text[at];
            continue;
        }
        filled += parts[place - 1];
        ++at;
    }
    return filled;
}

/// Empty: not known. A part may be a sentence too.
QString translatedWhole(const QString& english) {
    for (std::size_t i = 0; i < kSentences.size(); ++i) {
        const Matcher& matcher = matchers()[i];
        const QRegularExpressionMatch match =
            english.contains(matcher.words) ? matcher.whole.match(english) : QRegularExpressionMatch();
        if (!match.hasMatch())
            continue;
        QStringList parts;
        for (int group = 1; group <= match.lastCapturedIndex(); ++group) {
            const QString whole = translatedWhole(match.captured(group));
            parts << (whole.isEmpty() ? match.captured(group) : whole);
        }
        return filledIn(QCoreApplication::translate("CoreSentence", kSentences[i]), parts);
    }
    return {};
}

} // namespace

QString coreSentence(std::string_view english) {
    const QString text = toQString(english);
    if (const QString whole = translatedWhole(text); !whole.isEmpty())
        return whole;
    QStringList parts = text.split(QStringLiteral("; "));
    if (parts.size() > 1)
        for (QString& part : parts)
            if (const QString whole = translatedWhole(part); !whole.isEmpty())
                part = whole;
    return parts.join(QStringLiteral("; "));
}

std::span<const char* const> knownCoreSentences() { return kSentences; }

} // namespace lathe
