#pragma once

#include "core/session/study_templates.h"
#include "widgets/dialogs/form_dialog.h"

namespace lathe {

/// Which question a study of prepared recipes asks ("template"), with how many seeds ("seeds") and by which
/// metric ("objective"); says what is compared and how many runs that makes.
class TemplateDialog final : public FormDialog {
    Q_OBJECT
public:
    /// Contract: something is offered.
    explicit TemplateDialog(std::vector<StudyTemplate> offered, QWidget* parent);

private:
    void tellOutlook();

    std::vector<StudyTemplate> m_offered;
};

} // namespace lathe
