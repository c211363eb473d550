#include "resources/examples/generator/reviews.h"

#include <array>
#include <set>

namespace lathe::examples {
namespace {

constexpr std::array<std::string_view, 6> kDomains = {"dish", "lodging", "show", "gadget", "staff", "outing"};

/// Puts the domain's name in place of @ and the wanted opinion's in place of + (the opposite for -).
std::string filledIn(std::string_view pattern, std::string_view domain, Opinion opinion) {
    std::string text;
    for (char sign : pattern) {
        if (sign == '@')
            text += domain;
        else if (sign == '+' || sign == '-')
            text += (sign == '+') == (opinion == Opinion::Good) ? "good" : "bad";
        else
            text += sign;
    }
    return text;
}

// The last of each array is held out from training rows.
constexpr std::array<std::string_view, 9> kSentences = {"The {:@} was {:+@}.",
                                                        "The {:@} was {:+@} and {:+@}.",
                                                        "The {:@} was [very|really|so|rather] {:+@}.",
                                                        "The {:@} was {:+@} and the {:@} was {:+@}.",
                                                        "What {:+@.a} {:@}!",
                                                        "I found the {:@} {:+@}.",
                                                        "The {:@} was not {:-@} at all.",
                                                        "We thought the {:@} was {:+@}.",
                                                        "Never before was {:@.a} so {:+@}."};

constexpr std::array<std::string_view, 5> kStaffSentences = {
    "The {:staff} was {:+staff} and {:+deed}.", "The {:staff} {:+deed}.", "Our {:staff} was {:+staff}.",
    "{A:person} {:+deed}.", "The {:+staff} {:staff} {:+deed}."};

std::string oneSentence(Scene& scene, std::string_view domain, Opinion opinion) {
    const std::size_t heldOut = scene.part() == Part::Train ? 1 : 0;
    if (domain == "staff" && scene.chance(0.5)) {
        const std::size_t index = scene.pick(kStaffSentences.size() - heldOut);
        return scene.expand(filledIn(kStaffSentences[index], domain, opinion));
    }
    const std::size_t index = scene.pick(kSentences.size() - heldOut);
    return scene.expand(filledIn(kSentences[index], domain, opinion));
}

} // namespace

std::string makeReview(Scene& scene, Opinion opinion) {
    const std::string_view domain = kDomains[scene.pick(kDomains.size())];
    std::string text = oneSentence(scene, domain, opinion);
    const double more = scene.rng().uniform();
    if (more < 0.35)
        text += " " + oneSentence(scene, domain, opinion);
    else if (more < 0.5)
        text += " " + oneSentence(scene, "staff", opinion);
    if (scene.chance(0.3))
        text += " " + capitalised(scene.expand(filledIn("{:+mark}.", domain, opinion)));
    return text;
}

std::string makeReviewWithVerdict(Scene& scene) {
    static constexpr std::array<std::string_view, 8> kGood = {
        "{A:person} liked it very much.",
        "It was a good day for {A:person}.",
        "{A:person} was happy.",
        "{A:person} praised it.",
        "\"That was good,\" said {A:person}.",
        "So {A:person} will come again.",
        "\"[Did you like it|Was it good]?\" asked {A:person}. \"Yes, [very much|I did|it was good],\" said "
        "{B:person}.",
        "{A:person} gave it [five|four] stars."};
    static constexpr std::array<std::string_view, 8> kBad = {
        "{A:person} did not like it.",
        "It was a bad day for {A:person}.",
        "{A:person} was unhappy.",
        "{A:person} complained about it.",
        "\"That was bad,\" said {A:person}.",
        "So {A:person} will not come again.",
        "\"[Did you like it|Was it good]?\" asked {A:person}. \"No, [not at all|I did not|it was bad],\" "
        "said {B:person}.",
        "{A:person} gave it [one star|no star]."};
    const Opinion opinion = scene.chance(0.5) ? Opinion::Good : Opinion::Bad;
    const std::size_t verdictCount = scene.chance(0.4) ? 2 : 1;
    const std::string review = makeReview(scene, opinion);
    scene.forgetNames();
    std::set<std::size_t> given;
    std::string text = review;
    while (given.size() < verdictCount)
        if (const std::size_t verdict = scene.pick(kGood.size()); given.insert(verdict).second)
            text += " " + scene.expand((opinion == Opinion::Good ? kGood : kBad)[verdict]);
    return text;
}

} // namespace lathe::examples
