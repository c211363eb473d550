#include "core/data/near_duplicates.h"

#include "core/base/random.h"
#include "core/data/text_key.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>

namespace lathe {

namespace {

constexpr std::size_t kShingleWords = 3;
constexpr std::size_t kBandValues = 4;
constexpr std::size_t kBands = NearDuplicates::kValues / kBandValues;
/// 64 values estimate a likeness of 0.8 with a standard error of 0.05; three of them are looked at.
constexpr double kEstimateMargin = 0.15;
/// Rows that a row is compared with, so that many rows of one pattern stay linear.
constexpr std::size_t kRepresentatives = 4;
constexpr std::size_t kComparisons = 16;
constexpr std::uint64_t kNoValue = std::numeric_limits<std::uint64_t>::max();

/// Hashes of the sets of words in a row, sorted, each once; a text of fewer words is one set.
std::vector<std::uint64_t> shinglesOf(std::string_view text) {
    const std::string plain = normalised(text, Likeness::Punctuation);
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < plain.size(); ++i)
        if (i == 0 || plain[i - 1] == ' ')
            starts.push_back(i);
    std::vector<std::uint64_t> shingles;
    const std::size_t count = starts.size() < kShingleWords ? std::min<std::size_t>(starts.size(), 1)
                                                            : starts.size() - kShingleWords + 1;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t end =
            i + kShingleWords < starts.size() ? starts[i + kShingleWords] - 1 : plain.size();
        shingles.push_back(keyOf(std::string_view(plain).substr(starts[i], end - starts[i])).high);
    }
    std::ranges::sort(shingles);
    shingles.erase(std::ranges::unique(shingles).begin(), shingles.end());
    return shingles;
}

NearDuplicates::Signature signatureOf(const std::vector<std::uint64_t>& shingles) {
    std::array<std::uint64_t, NearDuplicates::kValues> least{};
    least.fill(kNoValue);
    for (const std::uint64_t shingle : shingles) {
        std::uint64_t& value = least[shingle >> 58U];
        value = std::min(value, shingle & (kNoValue >> 6U));
    }
    NearDuplicates::Signature signature{};
    for (std::size_t bin = 0; bin < least.size(); ++bin) {
        std::size_t from = bin;
        for (std::uint64_t attempt = 1; least[from] == kNoValue; ++attempt)
            from = mixSeed(bin, attempt) % least.size();
        signature[bin] = static_cast<std::uint16_t>(least[from] ^ least[from] >> 16U ^ least[from] >> 32U);
    }
    return signature;
}

std::uint64_t bandOf(const NearDuplicates::Signature& signature, std::size_t band) {
    std::uint64_t key = 0;
    static_assert(sizeof key == kBandValues * sizeof signature[0]);
    std::memcpy(&key, signature.data() + band * kBandValues, sizeof key);
    return key;
}

double estimate(const NearDuplicates::Signature& a, const NearDuplicates::Signature& b) {
    std::size_t same = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        same += a[i] == b[i] ? 1 : 0;
    return static_cast<double>(same) / static_cast<double>(a.size());
}

double jaccard(const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
    std::vector<std::uint64_t> both;
    std::ranges::set_intersection(a, b, std::back_inserter(both));
    const std::size_t all = a.size() + b.size() - both.size();
    return all == 0 ? 0 : static_cast<double>(both.size()) / static_cast<double>(all);
}

/// What is known of each row while the bands are gone through.
struct Search {
    const std::vector<std::size_t>& rows;
    const std::vector<NearDuplicates::Signature>& signatures;
    const std::function<std::string(std::size_t)>& textOf;
    std::map<std::size_t, NearDuplicate> found = {}; ///< by place
    std::vector<std::uint8_t> comparisons = std::vector<std::uint8_t>(rows.size());

    /// Compares a row with the first rows of its bucket that are none's duplicates.
    void lookAt(std::size_t place, std::vector<std::size_t>& representatives) {
        if (found.contains(place))
            return;
        for (const std::size_t earlier : representatives) {
            if (estimate(signatures[earlier], signatures[place]) <
                    NearDuplicates::kThreshold - kEstimateMargin ||
                comparisons[place] >= kComparisons)
                continue;
            ++comparisons[place];
            const double likeness =
                jaccard(shinglesOf(textOf(rows[earlier])), shinglesOf(textOf(rows[place])));
            if (likeness >= NearDuplicates::kThreshold) {
                found.emplace(place, NearDuplicate{rows[place], rows[earlier], likeness});
                return;
            }
        }
        if (representatives.size() < kRepresentatives)
            representatives.push_back(place);
    }
};

} // namespace

void NearDuplicates::add(std::size_t row, std::string_view text) {
    LATHE_EXPECT(m_rows.empty() || m_rows.back() < row);
    const std::vector<std::uint64_t> shingles = shinglesOf(text);
    if (shingles.empty())
        return;
    m_rows.push_back(row);
    m_signatures.push_back(signatureOf(shingles));
}

Result<std::vector<NearDuplicate>> NearDuplicates::find(const std::function<std::string(std::size_t)>& textOf,
                                                        const std::stop_token& stop) const {
    Search search{m_rows, m_signatures, textOf};
    std::vector<std::pair<std::uint64_t, std::size_t>> keys(m_rows.size());
    for (std::size_t band = 0; band < kBands; ++band) {
        for (std::size_t place = 0; place < keys.size(); ++place)
            keys[place] = {bandOf(m_signatures[place], band), place};
        std::ranges::sort(keys);
        std::vector<std::size_t> representatives;
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (stop.stop_requested())
                return Error{Error::Kind::Cancelled, {}, "the search for near duplicates was stopped"};
            if (i == 0 || keys[i].first != keys[i - 1].first)
                representatives.clear();
            search.lookAt(keys[i].second, representatives);
        }
    }
    std::vector<NearDuplicate> all;
    for (const auto& [place, duplicate] : search.found)
        all.push_back(duplicate);
    return all;
}

} // namespace lathe
