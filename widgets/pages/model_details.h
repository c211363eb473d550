#pragma once

#include "core/session/model_table_model.h"

#include <QFrame>
#include <QVector>

class QGridLayout;
class QLabel;
class QPushButton;
class QTableWidget;

namespace lathe {

/// The card below the table of models: everything known of the chosen one, where adapters can attach, and
/// what its publisher says; or, in the same place, what is wrong with it.
class ModelDetails : public QFrame {
    Q_OBJECT
public:
    explicit ModelDetails(QWidget* parent = nullptr);

    /// Null: nothing is chosen.
    void show(const ModelEntry* entry);
    void retranslate();

private:
    [[nodiscard]] QWidget* makeHead();
    [[nodiscard]] QPushButton* makeTool(const QString& icon, const QString& name);
    [[nodiscard]] QWidget* makeNotes();
    [[nodiscard]] QWidget* makeFacts();
    [[nodiscard]] QWidget* makeCard();
    void makeSites();
    void showEntry();
    void updateFacts();
    void updateSites();
    [[nodiscard]] QString problemText() const;
    [[nodiscard]] QString notesText() const;

    std::optional<ModelEntry> m_entry;
    QLabel* m_name;
    QLabel* m_folder;
    QPushButton* m_copy;
    QPushButton* m_open;
    QLabel* m_problem;
    QWidget* m_notesRow;
    QLabel* m_notes; ///< what is no problem, but good to know before a training
    QLabel* m_hint;
    QWidget* m_body;
    struct Fact {
        QLabel* title;
        QLabel* value;
    };
    QVector<Fact> m_facts;
    QTableWidget* m_sites;
    QLabel* m_cardTitle = nullptr;
    QLabel* m_card = nullptr;
    QWidget* m_cardArea = nullptr;
};

} // namespace lathe
