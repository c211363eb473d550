#include "resources/examples/generator/stories.h"

#include <array>
#include <set>

namespace lathe::examples {
namespace {

constexpr std::array<std::string_view, 8> kOpenings = {
    "[One|On a] {:weather} {:weekday}[ morning|], {A:person} [went|walked|drove|cycled] to the "
    "{P:place}.",
    "{A:person} was {:trait} and {:trait}, and {A.his} best friend was {B:person}.",
    "In {:month} {A:person} moved to {:town}, where {A.he} knew only {B:person}.",
    "{A:person} was {:feeling} that day. {A.He} had looked for {A.his} {T:thing} since breakfast.",
    "Every {:weekday} {A:person} and {B:person} met at the {P:place}.",
    "{A:person} worked as {:job.a} in {:town}. {:daypart.cap} {A.he} [always|often] {:act}.",
    "Once there was {:job.a} called {A:person}, who lived beside {:terrain.a} {P:place}.",
    "[Last|One] {:season} {A:person} found {T:thing.a} at the {P:place}."};

constexpr std::array<std::string_view, 22> kMiddles = {
    "{A.He} {:act} and {:act}.",
    "{:daypart.cap} {A.he} {:act}.",
    "[Then|Suddenly|Just then|At that moment] {:sound}.",
    "{B:person} came along and {:manner} asked for {T:thing.a}.",
    "\"Have you seen my {T:thing}?\" asked {A}. \"Look in the {:container},\" said {B:person}.",
    "{A} looked in the {:container} and under the {:furniture}, but the {T:thing} was not there.",
    "{:petlook.A} {X:animal} sat by the {P:place} and looked at {A} {:manner}.",
    "{B:person} was {:feeling}, for {:daypart} {:sound}.",
    "{A} was so {:feeling} that {A.he} {:act}.",
    "Because it was {:weather}, they all stayed in the {:room} and played with the {:pet}.",
    "{B:person} had {:look.a} {T:thing}, and {A} wanted to see it.",
    "They shared {:food.a} and drank {:drink}.",
    "First {A} {:act}, then {A.he} {:act}, and at last {A.he} {:act}.",
    "On the way home {A.he} saw {X:animal.a} beside {:terrain.a} {:place}.",
    "\"Are you {F:feeling}?\" asked {B:person}. \"Yes, I am {F},\" said {A} {:manner}.",
    "{A} gave {B:person} the {T:thing}, and {B.he} put it in the {:container}.",
    "{B:person} {:thought} the {:notion} and {:adverb} {:thought} it.",
    "The {:group} {:verbpast} the {:look} {:thing}, and {A} {:adverb} {:thought} {:notion.a}.",
    "There was {:festivity.a} at the {:place}, with {:stuff}, {:stuff} and {:drink}.",
    "{A} had hurt {A.his} {:bodypart}, so they played {:game} instead.",
    "They picked {:flower.s} and looked at {:bird.a} and {:insect.a}.",
    "\"I have {:notion.a},\" said {B:person}. \"We need {:stuff} and {:thing.a}.\""};

constexpr std::array<std::string_view, 10> kEndings = {
    "In the end {A} found the {T:thing} behind the {:furniture} and was {:feeling}.",
    "{A} thanked {B:person} {:manner}, and they walked home together.",
    "That night {A} slept well.",
    "\"What a day!\" said {A}, and {B:person} laughed.",
    "From then on {A} never went to the {P:place} alone.",
    "{B:person} smiled, and {A} was no longer {:feeling}.",
    "When {A} came home, {A.he} {:act} and told {B:person} everything.",
    "It had been a long day, but a good one.",
    "It was late, so {A.he} {:act} and went to bed.",
    "And so {A} learned to be more {:trait}."};

constexpr std::array<std::string_view, 20> kDescriptions = {
    "The {P:place} of {:town} is {:terrain} and {:terrain}. It has {:colour.a} {:part} and {:tree.a} beside "
    "the {:part}. "
    "In {:season} many people come here {:daypart}.",
    "{A:person} is {:job.a} from {:town}. {A.He} is {:trait} and {:trait}, but never {:trait}. {A.He} speaks "
    "{:language}, "
    "plays the {:instrument} and likes {:hobby}.",
    "The {X:animal} is {:petlook.a} animal. You may see it near the {:place} {:daypart}. In {:season} it is "
    "{:petlook} and hides behind {:tree.a}.",
    "This {T:thing} is {:look} and {:look}. It is made of {:material} and stands on the {:furniture}. "
    "{A:person} uses it {:daypart}.",
    "In {:month} it is {:weather} and {:weather}. People wear {:clothing.s} and drink {:drink}. "
    "{:daypart.cap} "
    "they [think of|talk about] {:hobby}.",
    "{J:job.A} works {:daypart}. {A:person}, the {J} of {:town}, needs {:thing.a}, {:thing.a} and {:look.a} "
    "{:clothing}.",
    "In the {:room} there are {:look.a} {:furniture}, {:thing.a} and two {:look} {:thing.s}. The walls are "
    "{:colour}, and it "
    "smells of {:drink}.",
    "{A:person} has {:petlook.a} {X:pet} called {N:petname}. {N} is {:petlook} and {:petlook}, sleeps in the "
    "{:room} and "
    "is afraid of {:animal.s}.",
    "{A:person} packs a bag: {:clothing.a}, two {:clothing.s}, {:thing.a}, {:food.a} and {:thing.a}. "
    "Tomorrow {A.he} goes "
    "to {:town} by {:vehicle}.",
    "For the feast there were {:food.s}, {:food.s} and {:food.s}, with {:drink} and {:drink}. {A:person} "
    "[liked|chose] the "
    "{:food.s}, {B:person} the {:food.s}.",
    "On {:weekday} {A:person} rests. In {:season} {A.he} is "
    "[often|seldom|always] "
    "{:feeling}, for then {A.he} has time for {:hobby}.",
    "Dear {A:person}, I am in {:town}. It is {:weather} here. Yesterday I {:act} and {:act}. I miss the "
    "{:place} "
    "and our {:pet}. Yours, {B:person}",
    "The {X:bird} is {:petlook.a} bird. {:daypart.cap} it sings in {:tree.a} or looks for {:insect.s}. "
    "{A:person} "
    "{:adverb} [watches|feeds|draws] it.",
    "In this {P:place} live {:fish.s}, {:fish.s} and {:bird.s}. {A:person} {:verbpast} one of them and "
    "{:adverb} "
    "spoke of it.",
    "{A:person} has {:ailment.a} and {A.his} {:bodypart} hurts. \"Drink {:drink} and stay in bed,\" says the "
    "{:job}. "
    "\"Your {:bodypart} will be better soon.\"",
    "At school {A:person} has {:subject}, {:subject} and {:subject}. {A.He} is good at {:subject} but finds "
    "{:subject} hard. After school {A.he} plays {:game} with {B:person}.",
    "The farm grows {:crop}, {:crop} and {:crop}. {A:person} keeps {:animal.s} and {:pet.s} there and sells "
    "{:stuff} "
    "and {:stuff} at the {:place}.",
    "For {:dish.a} you need {:stuff}, {:stuff}, {:crop} and two {:food.s}. {A:person} learned it from "
    "{A.his} "
    "{:relative} and {:adverb} makes it {:daypart}.",
    "The {:group} {:thought} the {:notion}, but {A:person} {:adverb} {:thought} it. {A.He} had "
    "{:notion.a}, and "
    "{B:person} {:verbpast} the {:look} {:thing}.",
    "In the garden of the {P:place} grow {:flower.s}, {:flower.s} and {:flower.s}. One bed has the shape of "
    "{:shape.a}. "
    "At the {:festivity} {A:person} picked {:flower.a} for {B:person}."};

} // namespace

std::string makeStory(Scene& scene) {
    std::string story = scene.expandOneOf(kOpenings);
    const auto middles = scene.rng().integer(2, 5);
    std::set<std::size_t> told;
    while (told.size() < static_cast<std::size_t>(middles))
        if (const std::size_t middle = scene.pick(kMiddles.size()); told.insert(middle).second)
            story += " " + scene.expand(kMiddles[middle]);
    return story + " " + scene.expandOneOf(kEndings);
}

std::string makeDescription(Scene& scene) { return scene.expandOneOf(kDescriptions); }

} // namespace lathe::examples
