#include "widgets/pages/token_text.h"

#include "core/session/token_table_model.h"
#include "widgets/charts/flow_layout.h"
#include "widgets/theme/theme.h"

#include <QLabel>
#include <QTextBlockFormat>
#include <QTextCursor>
#include <QTextDocument>

#include <algorithm>
#include <array>

namespace lathe {

namespace {

/// More would hold up the window while they are laid out; the table has all.
constexpr qsizetype kMostTokens = 6000;
constexpr int kLegendGap = 10;
constexpr int kLinePercent = 150;

/// Hues by TokenPart, far enough apart to tell them; special tokens are grey.
constexpr std::array<int, 8> kHues{220, 280, 205, 175, 135, -1, 45, 15};

QTextCharFormat formatOf(const DatasetToken& token, const QPalette& palette, int turn) {
    QTextCharFormat format;
    format.setBackground(partColor(token.part, palette, turn));
    format.setForeground(themeColors(palette).text);
    format.setFontStrikeOut(token.isMasked);
    if (token.part == TokenPart::Special)
        format.setFontWeight(QFont::Bold);
    const QString loss = token.isMasked ? TokenText::tr("not trained on") : TokenText::tr("trained on");
    format.setToolTip(QStringLiteral("%1 · %2 · %3").arg(partName(token.part), loss).arg(token.id));
    return format;
}

} // namespace

QColor partColor(TokenPart part, const QPalette& palette, int turn) {
    const bool isDarkScheme = isDark(palette);
    const int hue = kHues.at(static_cast<std::size_t>(part));
    const int lightness = isDarkScheme ? (turn == 0 ? 62 : 80) : (turn == 0 ? 228 : 212);
    const int saturation = hue < 0 ? 0 : isDarkScheme ? 110 : 170;
    return QColor::fromHsl(std::max(hue, 0), saturation, lightness);
}

TokenText::TokenText(QWidget* parent) : QTextEdit(parent) {
    setReadOnly(true);
    setTabChangesFocus(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setLineWrapMode(QTextEdit::WidgetWidth);
    document()->setUndoRedoEnabled(false);
}

void TokenText::setTokens(const QVector<DatasetToken>& tokens) {
    if (tokens == m_tokens)
        return; // laying them out again takes its time
    m_tokens = tokens;
    recolor();
}

void TokenText::recolor() {
    clear();
    QTextCursor cursor(document());
    QTextBlockFormat block;
    block.setLineHeight(kLinePercent, QTextBlockFormat::ProportionalHeight);
    cursor.setBlockFormat(block);
    cursor.beginEditBlock();
    const qsizetype count = std::min(m_tokens.size(), kMostTokens);
    for (qsizetype i = 0; i < count; ++i) {
        const DatasetToken& token = m_tokens[i];
        QString shown = token.text;
        shown.replace(QLatin1Char('\n'), QStringLiteral("\u21B5\n"));
        shown.replace(QLatin1Char('\t'), QStringLiteral("\u21E5\t"));
        cursor.insertText(shown, formatOf(token, palette(), static_cast<int>(i % 2)));
    }
    if (count < m_tokens.size())
        cursor.insertText(tr(" … and %n more", "tokens", static_cast<int>(m_tokens.size() - count)),
                          QTextCharFormat());
    cursor.endEditBlock();
    moveCursor(QTextCursor::Start);
}

TokenLegend::TokenLegend(QWidget* parent) : QWidget(parent) {
    setObjectName("tokenLegend");
    new FlowLayout(this, kLegendGap);
}

void TokenLegend::setTokens(const QVector<DatasetToken>& tokens) {
    for (QLabel* label : findChildren<QLabel*>())
        delete label;
    const auto add = [this](const QString& html) {
        auto* label = new QLabel(html, this);
        label->setTextFormat(Qt::RichText);
        setLook(label, Look::Muted);
        layout()->addWidget(label);
        label->show();
    };
    QVector<TokenPart> parts;
    bool isAnyMasked = false;
    for (const DatasetToken& token : tokens) {
        isAnyMasked = isAnyMasked || token.isMasked;
        if (!parts.contains(token.part))
            parts << token.part;
    }
    std::ranges::sort(parts);
    for (const TokenPart part : parts)
        add(QStringLiteral("<span style=\"background:%1\">&nbsp;&nbsp;&nbsp;&nbsp;</span>&nbsp;%2")
                .arg(partColor(part, palette(), 1).name(), partName(part).toHtmlEscaped()));
    if (isAnyMasked)
        add(QStringLiteral("<s>%1</s>&nbsp;%2")
                .arg(tr("struck through").toHtmlEscaped(), tr("no loss is taken").toHtmlEscaped()));
}

} // namespace lathe
