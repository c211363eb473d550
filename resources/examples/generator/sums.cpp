#include "resources/examples/generator/sums.h"

#include "core/base/contract.h"

#include <array>

namespace lathe::examples {
namespace {

constexpr int kLargestResult = 18;
constexpr int kLargestPart = 9;

struct SumTemplate {
    bool isSum;
    std::string_view story;
    std::string_view question;
    std::string_view full;
};

// N and M are the numbers of the story, R the answer. Every fourth template is held out from training rows.
constexpr std::array<SumTemplate, 16> kTemplates = {{
    {true, "{A:person} had {N} {T:toybit.s}. {A.He} [got|found|bought] {M} more.",
     "How many {T.s} does {A} have now?", "{A} has {R} {T.s} now."},
    {false, "{A:person} had {N} {T:toybit.s}. {A.He} [lost|sold|used] {M} of them.",
     "How many {T.s} does {A} have now?", "{A} has {R} {T.s} now."},
    {true, "{A:person} has {N} {T:toybit.s} and {B:person} has {M}.", "How many {T.s} do they have together?",
     "Together they have {R} {T.s}."},
    {true, "{A:person} collected {N} {T:toybit.s} on {:weekday} and {M} on {:weekday}.",
     "How many {T.s} does {A} have in all?", "{A} has {R} {T.s} in all."},
    {false, "There were {N} {T:toybit.s} in the {C:container}. {A:person} took {M} of them.",
     "How many {T.s} are left?", "There are {R} {T.s} left."},
    {true, "There were {N} {T:toybit.s} in the {C:container}. {A:person} put in {M} more.",
     "How many {T.s} are there now?", "There are {R} {T.s} now."},
    {false, "{A:person} had {N} {T:toybit.s}. {A.He} gave {M} to {B:person}.",
     "How many {T.s} does {A} have left?", "{A} has {R} {T.s} left."},
    {false, "{N} {T:toybit.s} lay on the {F:furniture}. {M} of them fell down.", "How many {T.s} are left?",
     "There are {R} {T.s} left."},
    {true, "{N} {X:animal.s} were at the {P:place}. Then {M} more came.", "How many {X.s} are there now?",
     "There are {R} {X.s} now."},
    {false, "{N} {X:animal.s} were at the {P:place}. Then {M} went away.", "How many {X.s} are left?",
     "There are {R} {X.s} left."},
    {false, "{A:person} has {N} {T:toybit.s}. {B:person} has {M}.", "How many more {T.s} does {A} have?",
     "{A} has {R} {T.s} more."},
    {true, "{A:person} saw {N} {X:animal.s} near the {P:place} and {M} by the {Q:place}.",
     "How many {X.s} did {A} see in all?", "{A} saw {R} {X.s} in all."},
    {true, "{A:person} picked {N} {T:toybit.s} and {B:person} picked {M}.",
     "How many {T.s} do they have together?", "Together they have {R} {T.s}."},
    {false, "{A:person} bought {N} {T:food.s}. {A.He} ate {M} of them.", "How many {T.s} are left?",
     "There are {R} {T.s} left."},
    {true, "{U:food.A} costs {N} coins and {V:toybit.a} costs {M}.", "How many coins do both cost?",
     "Both cost {R} coins."},
    {false, "{A:person} baked {N} {T:food.s}. The {:pet} ate {M} of them.", "How many {T.s} are left?",
     "There are {R} {T.s} left."},
}};

const SumTemplate& chooseTemplate(Scene& scene) {
    while (true) {
        const std::size_t index = scene.pick(kTemplates.size());
        const bool isHeldOut = index % 4 == 3;
        if (scene.part() != Part::Train || !isHeldOut)
            return kTemplates[index];
    }
}

} // namespace

SumStory makeSumStory(Scene& scene) {
    const SumTemplate& chosen = chooseTemplate(scene);
    SumStory story;
    story.isSum = chosen.isSum;
    const int a = static_cast<int>(scene.rng().integer(2, kLargestPart));
    const int b = static_cast<int>(scene.rng().integer(2, kLargestPart));
    story.first = chosen.isSum ? a : a + b;
    story.second = b;
    story.result = chosen.isSum ? a + b : a;
    LATHE_EXPECT(story.result <= kLargestResult);
    scene.bindNumber("N", story.first);
    scene.bindNumber("M", story.second);
    scene.bindNumber("R", story.result);
    story.story = scene.expand(chosen.story);
    story.question = scene.expand(chosen.question);
    story.full = scene.expand(chosen.full);
    return story;
}

std::string makeNumberFacts(Scene& scene) {
    std::string text;
    const int count = static_cast<int>(scene.rng().integer(3, 7));
    for (int i = 0; i < count; ++i) {
        const int a = static_cast<int>(scene.rng().integer(1, kLargestPart));
        const int b = static_cast<int>(scene.rng().integer(1, kLargestPart));
        scene.bindNumber("N", a);
        scene.bindNumber("M", b);
        scene.bindNumber("R", a + b);
        scene.bindNumber("O", a + 1);
        static constexpr std::array<std::string_view, 8> kFacts = {
            "{N} and {M} make {R}.",
            "{N} + {M} = {R}.",
            "{R} - {M} = {N}.",
            "{M} and {N} more are {R}.",
            "If you take {M} away from {R}, {N} [are left|remain].",
            "{R} without {M} is {N}.",
            "After {N} comes {O}.",
            "{N.word} and {M.word} make {R.word}, so {N} + {M} = {R}."};
        const std::string fact = capitalised(scene.expandOneOf(kFacts));
        text += (text.empty() ? "" : " ") + fact;
    }
    return text;
}

} // namespace lathe::examples
