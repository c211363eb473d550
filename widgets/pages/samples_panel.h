#pragma once

#include "core/base/event.h"

#include <QFrame>

#include <span>
#include <vector>

class QGridLayout;
class QLabel;

namespace lathe {

/// The answers to the fixed prompts: what was expected, what the base model said, what the model says now.
class SamplesPanel : public QFrame {
    Q_OBJECT
public:
    explicit SamplesPanel(QWidget* parent = nullptr);

    void setSamples(std::span<const SampleText> samples);
    void add(const SampleText& sample); ///< in ascending steps
    void retranslate();

private:
    struct Row {
        std::string prompt;
        std::int64_t lastStep = -1;
        QLabel* question;
        QLabel* expected;
        QLabel* before;
        QLabel* now;
    };
    Row& rowOf(const SampleText& sample);
    [[nodiscard]] QLabel* makeCell(int row, int column, const QString& name);
    void mark(QLabel* answer, const SampleText& sample) const;
    void updateVisible();

    QLabel* m_heading;
    QLabel* m_empty;
    QGridLayout* m_grid;
    QLabel* m_titles[4];
    std::vector<Row> m_rows;
    std::int64_t m_newestStep = 0;
};

} // namespace lathe
