#pragma once

#include "core/session/dataset_session.h"

#include <QScrollArea>

class QComboBox;
class QLabel;

namespace lathe {

class DatasetColumnList;
class DatasetForm;
class ModelLibrary;

/// What is chosen about the file, from top to bottom: how it is read, what its columns are for, whose
/// tokenizer, which template.
class DatasetChoices : public QScrollArea {
    Q_OBJECT
public:
    DatasetChoices(DatasetSession& session, ModelLibrary& library, QWidget* parent = nullptr);

    void retranslate();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    [[nodiscard]] QWidget* makeModelCard();
    void fillModels();
    void showModel();

    DatasetSession& m_session;
    ModelLibrary& m_library;
    DatasetForm* m_reading;
    DatasetColumnList* m_columns;
    QLabel* m_modelHeading;
    QComboBox* m_model;
    QStringList m_known; ///< folders of the models that can be chosen
    DatasetForm* m_template;
};

} // namespace lathe
