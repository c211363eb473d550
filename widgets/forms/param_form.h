#pragma once

#include "core/params/param_schema.h"
#include "core/params/study_spec.h"

#include <QString>
#include <QWidget>

#include <memory>
#include <span>
#include <vector>

namespace lathe {

class ParamField;

/// How much of a form is shown: `Simple` leaves out the fields marked as advanced.
enum class FormDetail { Simple, Advanced };
/// Whether fields offer the toggle (≈) that turns a value into a range to search.
enum class FormSearch { Hidden, Offered };

/// A form drawn from a ParamSchema: one card per group, one row per field with label, editor, unit, help, a
/// dot that resets to the default, and the problem under it, if it has one. Fields whose `activeIf` does not
/// hold are hidden; filter and detail hide more. Hiding never loses a value.
///
/// Object names: the editor of key "rank" is "rankEditor", its reset dot "rankResetButton", its search toggle
/// "rankSearchButton", its problem "rankProblemLabel"; ranges are "rankLowEdit", "rankHighEdit",
/// "rankLogCheckBox", "rankListEdit".
class ParamForm : public QWidget {
    Q_OBJECT
public:
    explicit ParamForm(QWidget* parent = nullptr);
    ~ParamForm() override;

    /// Builds the fields anew, with the schema's defaults as values.
    void setSchema(ParamSchema schema);
    [[nodiscard]] const ParamSchema& schema() const;
    /// Titles of the groups, in order of the schema; a group without a title here shows its name.
    void setGroupTitle(const QString& group, const QString& title);

    /// Labels without a letter for Alt, where a page has several forms, whose letters would be the same.
    void leaveOutMnemonics();

    /// The value of every field, hidden ones too. A field whose text cannot be read has its last good value
    /// here and a problem in problems().
    [[nodiscard]] ParamValues values() const;
    /// Shows these values; missing keys keep theirs, unknown keys are left out. Announces nothing.
    void setValues(const ParamValues& values);

    /// What cannot be read, what validate() says, then what setProblems() gave; in the order of the schema.
    [[nodiscard]] std::vector<Problem> problems() const;
    /// Problems only the outside knows (a folder without a model); shown until the field is edited or the
    /// next call.
    void setProblems(std::span<const Problem> problems);
    /// Sentences that hinder nothing, each under its field, or under the first shown one of its card where
    /// the field itself is hidden. They stay until the next call.
    void setNotes(std::vector<Problem> notes);
    /// Shows the field with this key whatever filter and detail say, scrolls to it and gives it the focus.
    void showField(const QString& key);

    void setDetail(FormDetail detail);
    [[nodiscard]] FormDetail detail() const;
    /// Shows only fields whose label, key or help contain every word of the text.
    void setFilter(const QString& text);

    void setSearchOffered(FormSearch search);
    /// The fields switched to search, as far as their ranges can be read.
    [[nodiscard]] SearchSpace searchSpace() const;
    /// Switches exactly these fields to search. Announces nothing.
    void setSearchSpace(const SearchSpace& space);

    /// The editor of a field, or null.
    [[nodiscard]] QWidget* editor(const QString& key) const;

Q_SIGNALS:
    void valueEdited(const QString& key, const lathe::ParamValue& value); ///< by the user, and readable
    void searchSpaceEdited();
    void problemsChanged();

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Content;

    void addField(const ParamSpec& spec);
    void fieldEdited(const ParamField& field);
    void chainTabs();
    void refresh();
    void showNotes();
    void retranslate();

    std::unique_ptr<Content> m_content;
};

} // namespace lathe
