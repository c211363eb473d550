#pragma once

#include <QByteArray>
#include <QMetaEnum>
#include <QObject>
#include <QSettings>
#include <QString>
#include <QStringList>
#include <QVariant>

#include <functional>
#include <memory>
#include <type_traits>

namespace lathe {

/// One remembered choice: its key, its default and its value. Written through at once; `changed` of the owner
/// follows each set() that changed something. Enumerations (Q_ENUM) are stored by name.
template <typename T>
class Setting {
public:
    Setting(QSettings& store, QString key, T fallback, std::function<void(const QString&)> notify)
        : m_store(store),
          m_key(std::move(key)),
          m_fallback(std::move(fallback)),
          m_notify(std::move(notify)) {}

    [[nodiscard]] const QString& key() const { return m_key; }
    [[nodiscard]] const T& fallback() const { return m_fallback; }
    /// The stored value; the default where nothing is stored or what is stored is of another type.
    [[nodiscard]] T value() const {
        QVariant stored = m_store.value(m_key);
        if (!stored.isValid())
            return m_fallback;
        if constexpr (std::is_enum_v<T>) {
            bool isKnown = false;
            const int number =
                QMetaEnum::fromType<T>().keyToValue(stored.toString().toLatin1().constData(), &isKnown);
            return isKnown ? static_cast<T>(number) : m_fallback;
        } else {
            return stored.convert(QMetaType::fromType<T>()) ? stored.value<T>() : m_fallback;
        }
    }
    void set(const T& value) {
        if (m_store.contains(m_key) && this->value() == value)
            return;
        if constexpr (std::is_enum_v<T>)
            m_store.setValue(
                m_key, QString::fromLatin1(QMetaEnum::fromType<T>().valueToKey(static_cast<int>(value))));
        else
            m_store.setValue(m_key, QVariant::fromValue(value));
        m_notify(m_key);
    }
    void reset() {
        if (!m_store.contains(m_key))
            return;
        m_store.remove(m_key);
        m_notify(m_key);
    }

private:
    QSettings& m_store;
    QString m_key;
    T m_fallback;
    std::function<void(const QString&)> m_notify;
};

/// Everything the program remembers between starts that is not part of a project. One line a setting.
class Settings : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<QSettings> m_store; // first: the settings below refer to it

public:
    enum class Theme { System, Light, Dark };
    Q_ENUM(Theme)

    /// `file` is an INI file of its own (tests, portable mode); empty: the user's own file.
    explicit Settings(const QString& file = {}, QObject* parent = nullptr);

    Setting<QString> language;      ///< "de"; empty: the system's
    Setting<Theme> theme;           ///< System follows the desktop's palette
    Setting<double> zoom;           ///< size of texts and controls as a factor of the desktop's
    Setting<QString> projectFolder; ///< empty: the default folder of the user's documents
    Setting<QByteArray> windowGeometry;
    Setting<QByteArray> windowLayout; ///< QMainWindow::saveState with the layout's version
    Setting<QString> lastPage;
    Setting<QString> lastRecipe; ///< JSON of the recipe edited last
    Setting<double> smoothing;   ///< of the live chart, in [0, 1)
    Setting<bool> isLossLogScale;
    Setting<bool> isRecipeAdvanced;    ///< the recipe page shows the fields marked as advanced too
    Setting<int> studySlots;           ///< trials of a study that run at the same time
    Setting<QStringList> modelFolders; ///< models the user has added to the library
    Setting<QStringList> modelParents; ///< folders whose sub-folders are looked through for models
    Setting<QStringList> hiddenModels; ///< found models the user has removed from the library
    Setting<QString> chatModel;        ///< folder of the model chatted with last
    Setting<QString> chatOptions;      ///< JSON of how it answers
    Setting<bool> isChatComparing;     ///< the base model answers beside the adapter
    Setting<bool> areChatSettingsShown;
    Setting<QStringList> recentData;   ///< data files looked at last, the newest first
    Setting<bool> areDownloadsAllowed; ///< whether the program may ever open a connection

    /// The folder of `projectFolder`, or the default one (not created).
    [[nodiscard]] QString effectiveProjectFolder() const;

Q_SIGNALS:
    void changed(const QString& key);

private:
    std::function<void(const QString&)> notifier();
};

} // namespace lathe
