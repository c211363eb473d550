#include "core/hub/hub_download.h"

#include "core/hub/hub_blob.h"
#include "core/hub/hub_http.h"
#include "core/hub/hub_listing.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <utility>

namespace lathe {

namespace fs = std::filesystem;

namespace {

constexpr int kMostRedirects = 5;
constexpr int kMostPages = 50; ///< of 1000 files each
constexpr auto kProgressPause = std::chrono::milliseconds(100);

/// Percent-encoded, the slashes between folders kept.
QString encoded(const std::string& path) {
    return QString::fromLatin1(QUrl::toPercentEncoding(QString::fromStdString(path), "/"));
}

/// A branch's slashes would end the revision, so they are encoded too.
QString encodedRevision(const std::string& revision) {
    return QString::fromLatin1(QUrl::toPercentEncoding(QString::fromStdString(revision)));
}

std::uintmax_t freeOnDisk(fs::path folder) {
    std::error_code problem;
    while (!fs::exists(folder, problem) && folder.has_relative_path())
        folder = folder.parent_path();
    const fs::space_info space = fs::space(folder, problem);
    return problem ? 0 : space.available;
}

bool isLessSecure(const QUrl& from, const QUrl& to) {
    return to.scheme() != QLatin1String("https") &&
           (from.scheme() == QLatin1String("https") || to.scheme() != QLatin1String("http"));
}

/// A JSON reply of the Hub. Redirects (of a renamed model) are followed on its own host only.
Result<HubAnswer> fetch(HubHttp& http, QUrl address, const HubName& model) {
    for (int hop = 0; hop <= kMostRedirects; ++hop) {
        HubAnswer answer = http.askPatiently(HubHttp::Verb::Get, address);
        if (answer.isGood() && answer.target().isEmpty())
            return answer;
        if (answer.target().isEmpty() || http.isStopped())
            return explain(answer, model, http);
        address = address.resolved(answer.target());
        if (!http.isHub(address))
            break;
    }
    return inputError(model.name, "the Hub leads from one address to the next without an answer; check "
                                  "HF_ENDPOINT");
}

Result<std::vector<HubFile>> listFiles(HubHttp& http, const HubName& model, const std::string& commit) {
    QUrl address = http.address(
        QStringLiteral("/api/models/%1/tree/%2").arg(encoded(model.name), QString::fromStdString(commit)));
    address.setQuery(QStringLiteral("recursive=true"));
    std::vector<HubFile> all;
    for (int page = 0; page < kMostPages; ++page) {
        LATHE_ASSIGN(const HubAnswer answer, fetch(http, address, model));
        LATHE_ASSIGN(std::vector<HubFile> files, filesFromTree(answer.body));
        std::ranges::move(files, std::back_inserter(all));
        const QByteArray next = nextPage(answer.header("link"));
        if (next.isEmpty())
            return all;
        address = address.resolved(QUrl::fromEncoded(next));
        if (!http.isHub(address))
            return inputError(model.name, "the Hub's list of files goes on at " +
                                              address.host().toStdString() +
                                              ", which is another host; nothing was downloaded");
    }
    return inputError(model.name, "the Hub's list of files does not end after " + std::to_string(kMostPages) +
                                      " pages; nothing was downloaded");
}

HubPlace placeOf(const HubPlan& plan, const HubAccess& access) {
    const std::string switchedOff = access.environment("HF_HUB_DISABLE_SYMLINKS").value_or("");
    return {plan.root, plan.model.name, plan.commit, switchedOff.empty() || switchedOff == "0"};
}

std::uint64_t missingBytes(const HubPlan& plan, const HubPlace& place) {
    std::uint64_t missing = 0;
    for (const HubFile& file : plan.files)
        missing += file.size - presentBytes(place, file);
    return missing;
}

std::uintmax_t freeBytes(const HubPlan& plan, const HubAccess& access) {
    return access.freeBytes ? access.freeBytes(plan.root) : freeOnDisk(plan.root);
}

/// The download of one plan.
class Fetcher {
public:
    Fetcher(const HubPlan& plan, const HubAccess& access,
            const std::function<void(const HubProgress&)>& progress, const std::stop_token& stop)
        : m_plan(plan),
          m_access(access),
          m_place(placeOf(plan, access)),
          m_progress(progress),
          m_stop(stop),
          m_http(access, stop) {}

    Result<fs::path> run() {
        LATHE_TRY(prepareHubPlace(m_place));
        for (const HubFile& file : m_plan.files) {
            LATHE_ASSIGN(const bool isThere, linkPresentFile(m_place, file));
            if (!isThere)
                LATHE_TRY(fetchFile(file));
            m_finished += file.size;
            report(file, 0, true);
        }
        LATHE_TRY(writeHubRef(m_place, m_plan.model.revision));
        return m_place.snapshot();
    }

private:
    Status fetchFile(const HubFile& file) {
        LATHE_ASSIGN(HubBlob blob, HubBlob::open(m_place, file, m_stop));
        RetryBudget retries(m_access.retryPause);
        LATHE_ASSIGN(QUrl source, findSource(file));
        while (blob.size() < file.size) {
            const std::uint64_t before = blob.size();
            const HubAnswer answer = getRest(source, file, blob);
            if (m_http.isStopped())
                return Error{Error::Kind::Cancelled, {}, "Stopped"};
            if (answer.isGood() && blob.size() == file.size)
                break;
            if (blob.size() > before)
                retries.progressed();
            LATHE_ASSIGN(source, afterTrouble(answer, source, file, blob, retries));
        }
        return blob.finish();
    }

    /// Waits as the answer asks for and says where to ask next.
    Result<QUrl> afterTrouble(const HubAnswer& answer, const QUrl& source, const HubFile& file, HubBlob& blob,
                              RetryBudget& retries) {
        // What lies here does not fit the server's file.
        if (answer.status == 416)
            LATHE_TRY(blob.restart());
        // An address with a signature has a limited life: the Hub gives a fresh one.
        const bool isExpired = answer.status == 403 && !m_http.isHub(answer.address);
        const bool isOurs = isExpired || answer.status == 416 || answer.isGood();
        const auto pause = isOurs ? retries.next() : retries.next(answer);
        if (!pause)
            return explain(answer, m_plan.model, m_http);
        if (!isExpired)
            m_http.wait(*pause);
        return isExpired ? findSource(file) : Result<QUrl>(source);
    }

    /// Where the file's bytes are: the end of the redirects on the Hub's host, or what they lead to.
    Result<QUrl> findSource(const HubFile& file) {
        QUrl address = m_http.address(
            QStringLiteral("/%1/resolve/%2/%3")
                .arg(encoded(m_plan.model.name), QString::fromStdString(m_plan.commit), encoded(file.path)));
        for (int hop = 0; hop <= kMostRedirects; ++hop) {
            const HubAnswer answer = m_http.askPatiently(HubHttp::Verb::Head, address);
            const QUrl target = answer.target();
            if (!answer.isGood() && target.isEmpty())
                return explain(answer, m_plan.model, m_http);
            if (target.isEmpty() || !target.host().isEmpty())
                LATHE_TRY(checkHead(answer, file));
            if (target.isEmpty())
                return address;
            const QUrl next = address.resolved(target);
            if (isLessSecure(address, next))
                return inputError(file.path, "the Hub leads to the unencrypted address of " +
                                                 next.host().toStdString() + "; nothing was downloaded");
            if (!target.host().isEmpty())
                return next;
            address = next;
        }
        return inputError(file.path, "the Hub leads from one address to the next without an answer");
    }

    /// The head of a file says the same as the list of files did.
    Status checkHead(const HubAnswer& answer, const HubFile& file) const {
        QByteArray etag = answer.header(answer.headers.contains("x-linked-etag") ? "x-linked-etag" : "etag");
        if (etag.startsWith("W/"))
            etag.remove(0, 2);
        etag.replace('"', "");
        if (etag.contains('/') || etag.contains('\\') || etag.contains(".."))
            return inputError(file.path, "the Hub names it \"" + etag.left(80).toStdString() +
                                             "\", which would lie outside of the cache; nothing was written");
        const QByteArray commit = answer.header("x-repo-commit");
        const bool isOtherHash = (etag.size() == 40 || etag.size() == 64) && etag.toStdString() != file.hash;
        if (isOtherHash || (!commit.isEmpty() && commit.toStdString() != m_plan.commit))
            return inputError(file.path, "has changed on the Hub meanwhile; look the model up again");
        const QByteArray size = answer.header("x-linked-size");
        if (!size.isEmpty() && size.toULongLong() != file.size)
            return inputError(file.path, "has " + size.left(20).toStdString() +
                                             " bytes on the Hub instead of " + std::to_string(file.size) +
                                             "; look the model up again");
        return ok();
    }

    /// One request for what is missing, with the redirects of the storage followed.
    HubAnswer getRest(QUrl source, const HubFile& file, HubBlob& blob) {
        HubAnswer answer;
        for (int hop = 0; hop <= kMostRedirects; ++hop) {
            bool isFirst = true;
            answer = m_http.ask(HubHttp::Verb::Get, source, blob.size(),
                                [&](const HubAnswer& head, QByteArrayView part) -> Status {
                                    if (std::exchange(isFirst, false))
                                        LATHE_TRY(fitBegin(head, file, blob));
                                    LATHE_TRY(blob.append(part));
                                    report(file, blob.size(), false);
                                    return ok();
                                });
            const QUrl next = source.resolved(answer.target());
            if (answer.target().isEmpty() || isLessSecure(source, next))
                return answer;
            source = next;
        }
        return answer;
    }

    /// A server that knows no ranges sends everything from the start.
    static Status fitBegin(const HubAnswer& head, const HubFile& file, HubBlob& blob) {
        if (blob.size() == 0)
            return ok();
        if (head.status != 206)
            return blob.restart();
        const QByteArray expected = "bytes " + QByteArray::number(qulonglong{blob.size()}) + '-';
        if (!head.header("content-range").startsWith(expected))
            return ioError(file.path, "the Hub sends another part of the file than it was asked for; start "
                                      "again later");
        return ok();
    }

    void report(const HubFile& file, std::uint64_t ofThisFile, bool isFileEnd) {
        const auto now = std::chrono::steady_clock::now();
        if (!m_progress || (!isFileEnd && now - m_reported < kProgressPause))
            return;
        m_reported = now;
        m_progress({m_finished + ofThisFile, m_plan.bytes, file.path});
    }

    const HubPlan& m_plan;
    const HubAccess& m_access;
    const HubPlace m_place;
    const std::function<void(const HubProgress&)>& m_progress;
    std::stop_token m_stop;
    HubHttp m_http;
    std::uint64_t m_finished = 0;
    std::chrono::steady_clock::time_point m_reported;
};

Result<HubPlan> makePlan(const HubName& model, const HubAccess& access, HubHttp& http) {
    HubPlan plan;
    plan.model = model;
    plan.root = hubCacheRoot(access.environment);
    const QString path = QStringLiteral("/api/models/%1/revision/%2")
                             .arg(encoded(model.name), encodedRevision(model.revision));
    LATHE_ASSIGN(const HubAnswer info, fetch(http, http.address(path), model));
    LATHE_ASSIGN(plan.commit, commitFromInfo(info.body));
    LATHE_ASSIGN(const std::vector<HubFile> all, listFiles(http, model, plan.commit));
    LATHE_ASSIGN(plan.files, filesToRead(all));
    for (const HubFile& file : plan.files)
        plan.bytes += file.size;
    plan.missing = missingBytes(plan, placeOf(plan, access));
    plan.free = freeBytes(plan, access);
    return plan;
}

} // namespace

Status mayDownload(const HubAccess& access) {
    if (access.consent != DownloadConsent::Given)
        return inputError({}, "Downloads are switched off; switch them on in the menu Tools");
    if (isHubOffline(access.environment))
        return inputError({}, "HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE is set, which forbids every download; "
                              "start Lathe without it");
    return ok();
}

Result<HubPlan> planHubDownload(const HubName& model, const HubAccess& access, const std::stop_token& stop) {
    LATHE_TRY(mayDownload(access));
    HubHttp http(access, stop);
    auto plan = makePlan(model, access, http);
    if (plan.has_value() || !plan.error().where.empty() || plan.error().kind == Error::Kind::Cancelled)
        return plan;
    return Error{plan.error().kind, model.name, plan.error().message};
}

Result<fs::path> downloadHubModel(const HubPlan& plan, const HubAccess& access,
                                  const std::function<void(const HubProgress&)>& progress,
                                  const std::stop_token& stop) {
    LATHE_TRY(mayDownload(access));
    const std::uint64_t missing = missingBytes(plan, placeOf(plan, access));
    const std::uintmax_t free = freeBytes(plan, access);
    if (missing > free)
        return ioError(plan.root.string(), "has " + sizeText(free) + " free and the model needs " +
                                               sizeText(missing) +
                                               " more; make room, or set HF_HUB_CACHE to a folder of another "
                                               "disk");
    return Fetcher(plan, access, progress, stop).run();
}

std::string sizeText(std::uint64_t bytes) {
    static constexpr std::array kUnits = {"bytes", "kB", "MB", "GB", "TB"};
    auto value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024 && unit + 1 < kUnits.size()) {
        value /= 1024;
        ++unit;
    }
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
    return text.data();
}

} // namespace lathe
