// What the dataset studio shows of core, where nothing is marked for translation because core knows no Qt.
// Read by lupdate only; tests/app/tst_translation.cpp tells what is missing here.
#include <QtGlobal>

namespace {

[[maybe_unused]] constexpr const char* kColumnRoles[] = {
    QT_TRANSLATE_NOOP("ColumnRoles", "Instruction"),   QT_TRANSLATE_NOOP("ColumnRoles", "Input"),
    QT_TRANSLATE_NOOP("ColumnRoles", "Answer"),        QT_TRANSLATE_NOOP("ColumnRoles", "System"),
    QT_TRANSLATE_NOOP("ColumnRoles", "Text"),          QT_TRANSLATE_NOOP("ColumnRoles", "Second text"),
    QT_TRANSLATE_NOOP("ColumnRoles", "Label"),         QT_TRANSLATE_NOOP("ColumnRoles", "Conversation"),
    QT_TRANSLATE_NOOP("ColumnRoles", "Chosen answer"), QT_TRANSLATE_NOOP("ColumnRoles", "Rejected answer")};

[[maybe_unused]] constexpr const char* kQuality[] = {
    QT_TRANSLATE_NOOP("Quality", "Rows shared with the evaluation data"),
    QT_TRANSLATE_NOOP(
        "Quality",
        "Leave these rows out of the training data, or evaluate on other rows: a score on rows that were "
        "trained on says nothing."),
    QT_TRANSLATE_NOOP("Quality", "Empty fields"),
    QT_TRANSLATE_NOOP("Quality", "Leave these rows out, or fill the fields in."),
    QT_TRANSLATE_NOOP("Quality", "Text that is not UTF-8"),
    QT_TRANSLATE_NOOP("Quality", "Save the file as UTF-8 and import it again."),
    QT_TRANSLATE_NOOP("Quality", "Wrong order of turns"),
    QT_TRANSLATE_NOOP(
        "Quality", "Leave these conversations out, or mend them: a chat begins with the user, and user and "
                   "assistant take turns."),
    QT_TRANSLATE_NOOP("Quality", "One text with several labels"),
    QT_TRANSLATE_NOOP("Quality", "Decide which label is right; leaving these rows out is the safe choice."),
    QT_TRANSLATE_NOOP("Quality", "Repeated rows"),
    QT_TRANSLATE_NOOP("Quality", "Keep the first of each; the others only weigh it more."),
    QT_TRANSLATE_NOOP("Quality", "Nearly repeated rows"),
    QT_TRANSLATE_NOOP("Quality",
                      "Look at the pairs; keep the first of each where the difference teaches nothing."),
    QT_TRANSLATE_NOOP("Quality", "Balance of labels"),
    QT_TRANSLATE_NOOP(
        "Quality",
        "Judge by macro F1 or Matthews correlation instead of accuracy, or add rows of the rare labels."),
    QT_TRANSLATE_NOOP("Quality", "Lengths in tokens"),
    QT_TRANSLATE_NOOP("Quality", "Raise the longest sequence, or leave out the rows that do not fit."),
    QT_TRANSLATE_NOOP("Quality", "Answers that stand in the prompt"),
    QT_TRANSLATE_NOOP("Quality", "Right for tasks that quote; otherwise the model learns to copy.")};

[[maybe_unused]] constexpr const char* kImportFields[] = {
    QT_TRANSLATE_NOOP("ParamSchema", "Format"),
    QT_TRANSLATE_NOOP("ParamSchema", "What kind of file the training data is."),
    QT_TRANSLATE_NOOP("ParamSchema", "JSON Lines"),
    QT_TRANSLATE_NOOP("ParamSchema", "JSON"),
    QT_TRANSLATE_NOOP("ParamSchema", "CSV"),
    QT_TRANSLATE_NOOP("ParamSchema", "TSV"),
    QT_TRANSLATE_NOOP("ParamSchema", "Plain text"),
    QT_TRANSLATE_NOOP("ParamSchema", "Parquet"),
    QT_TRANSLATE_NOOP("ParamSchema", "Encoding"),
    QT_TRANSLATE_NOOP("ParamSchema", "How the training data's letters are written as bytes."),
    QT_TRANSLATE_NOOP("ParamSchema", "UTF-8"),
    QT_TRANSLATE_NOOP("ParamSchema", "UTF-16 LE"),
    QT_TRANSLATE_NOOP("ParamSchema", "UTF-16 BE"),
    QT_TRANSLATE_NOOP("ParamSchema", "Windows-1252"),
    QT_TRANSLATE_NOOP("ParamSchema", "Latin-1"),
    QT_TRANSLATE_NOOP("ParamSchema", "Delimiter"),
    QT_TRANSLATE_NOOP("ParamSchema", "What stands between the columns of a CSV or TSV file."),
    QT_TRANSLATE_NOOP("ParamSchema", "Comma"),
    QT_TRANSLATE_NOOP("ParamSchema", "Semicolon"),
    QT_TRANSLATE_NOOP("ParamSchema", "Tab"),
    QT_TRANSLATE_NOOP("ParamSchema", "Pipe"),
    QT_TRANSLATE_NOOP("ParamSchema", "Header"),
    QT_TRANSLATE_NOOP("ParamSchema", "Whether the first line of a CSV or TSV file names the columns."),
    QT_TRANSLATE_NOOP("ParamSchema", "First line"),
    QT_TRANSLATE_NOOP("ParamSchema", "None")};

} // namespace
