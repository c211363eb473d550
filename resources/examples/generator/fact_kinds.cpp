#include "resources/examples/generator/facts.h"

namespace lathe::examples {
namespace {

std::vector<FactKind> factsOfDeeds() {
    return {
        {"{A:person}{P:place}",
         {"{S} went to the {P}.", "{S} walked to the {P}.", "{S} ran to the {P}.",
          "{S} set off for the {P}."},
         {{"Where did {A} go?", "{P}", "To the {P}."}, {"Who went to the {P}?", "{A}", "{A} did."}}},
        {"{A:person}{T:thing}",
         {"{S} bought {T.a}.", "{S} bought {T.a} at a shop.", "{S} paid for {T.a}.",
          "{S} came home with {T.a} from the shop."},
         {{"What did {A} buy?", "{T}", "{T.A}."}, {"Who bought the {T}?", "{A}", "{A} did."}}},
        {"{A:person}{T:food}",
         {"{S} ate {T.a}.", "{S} ate {T.a} for lunch.", "{S} had {T.a} for breakfast.",
          "{S} finished {T.a} in no time."},
         {{"What did {A} eat?", "{T}", "{T.A}."}, {"Who ate the {T}?", "{A}", "{A} did."}}},
        {"{A:person}{T:drink}",
         {"{S} drank some {T}.", "{S} drank a glass of {T}.", "{S} had a sip of {T}.",
          "{S} asked for {T} and drank it."},
         {{"What did {A} drink?", "{T}", "Some {T}."}, {"Who drank {T}?", "{A}", "{A} did."}}},
        {"{A:person}{T:thing}{F:furniture}",
         {"{S} found {T.a} under the {F}.", "{S} found {T.a} behind the {F}.", "{S} found {T.a} on the {F}.",
          "{S} looked near the {F} and found {T.a}."},
         {{"What did {A} find?", "{T}", "{T.A}."},
          {"Where did {A} find the {T}?", "{F}", "It was by the {F}."},
          {"Who found the {T}?", "{A}", "{A} did."}}},
        {"{A:person}{T:thing}{R:container}",
         {"{S} put the {T} in the {R}.", "{S} hid the {T} in the {R}.", "{S} left the {T} in the {R}.",
          "{S} laid the {T} into the {R}."},
         {{"Where is the {T}?", "{R}", "In the {R}."},
          {"What is in the {R}?", "{T}", "The {T}."},
          {"Who put the {T} in the {R}?", "{A}", "{A} did."}}},
        {"{A:person}{B:person}{T:thing}",
         {"{S} gave {B} {T.a}.", "{S} gave {T.a} to {B}.", "{S} brought {B} {T.a}.",
          "{S} handed {T.a} to {B}."},
         {{"What did {A} give to {B}?", "{T}", "{T.A}."},
          {"Who got the {T}?", "{B}", "{B} did."},
          {"Who gave {B} the {T}?", "{A}", "{A} did."}}},
        {"{A:person}{X:animal}{P:place}",
         {"{S} saw {X.a} near the {P}.", "{S} saw {X.a} at the {P}.", "{S} met {X.a} by the {P}.",
          "{S} watched {X.a} close to the {P}."},
         {{"What did {A} see?", "{X}", "{X.A}."},
          {"Who saw the {X}?", "{A}", "{A} did."},
          {"Where did {A} see the {X}?", "{P}", "By the {P}."}}},
        {"{A:person}{V:vehicle}",
         {"{S} came by {V}.", "{S} travelled by {V}.", "{S} arrived by {V}.", "{S} made the journey by {V}."},
         {{"How did {A} travel?", "{V}", "By {V}."}, {"Who came by {V}?", "{A}", "{A} did."}}},
        {"{A:person}{T:thing}{P:place}",
         {"{S} lost {T.a} at the {P}.", "{S} lost {T.a} near the {P}.", "{S} dropped {T.a} at the {P}.",
          "{S} forgot {T.a} at the {P}."},
         {{"What did {A} lose?", "{T}", "{T.A}."}, {"Where did {A} lose the {T}?", "{P}", "At the {P}."}}},
        {"{A:person}{T:clothing}{R:room}",
         {"{S} hung {A.his} {T} in the {R}.", "{S} left {A.his} {T} in the {R}.",
          "{S} put {A.his} {T} in the {R}.", "{S} threw {A.his} {T} into the {R}."},
         {{"Where is {A}'s {T}?", "{R}", "In the {R}."}}},
    };
}

std::vector<FactKind> factsOfPeople() {
    return {
        {"{A:person}{X:pet}{N:petname}",
         {"{S} has {X.a} called {N}.", "{S} owns {X.a} called {N}.", "{S} has {X.a} named {N}.",
          "{S} looks after {X.a} by the name of {N}."},
         {{"What is {A}'s {X} called?", "{N}", "It is called {N}."},
          {"What kind of animal is {N}?", "{X}", "{X.A}."},
          {"Who has {X.a}?", "{A}", "{A} does."}}},
        {"{A:person}{J:job}",
         {"{S} is {J.a}.", "{S} works as {J.a}.", "{S} has become {J.a}.", "{S} earns a living as {J.a}."},
         {{"What is {A}'s job?", "{J}", "{J.A}."}, {"Who is the {J}?", "{A}", "{A} is."}}},
        {"{A:person}{J:job}",
         {"{S} wants to be {J.a}.", "{S} hopes to become {J.a}.", "{S} would like to be {J.a}.",
          "{S} dreams of becoming {J.a}."},
         {{"What does {A} want to be?", "{J}", "{J.A}."}, {"Who wants to be {J.a}?", "{A}", "{A} does."}}},
        {"{A:person}{H:hobby}",
         {"{S} likes {H} best.", "{S} loves {H}.", "{S} is fond of {H}.",
          "{S} spends every free hour on {H}."},
         {{"What does {A} like?", "{H}", "{H.cap}."}, {"Who likes {H}?", "{A}", "{A} does."}}},
        {"{A:person}{W:town}",
         {"{S} lives in {W}.", "{S} comes from {W}.", "{S} has a house in {W}.", "{S} grew up in {W}."},
         {{"Where does {A} live?", "{W}", "In {W}."}, {"Who lives in {W}?", "{A}", "{A} does."}}},
        {"{A:person}{I:instrument}",
         {"{S} plays the {I}.", "{S} can play the {I}.", "{S} is learning the {I}.",
          "{S} practises the {I} each day."},
         {{"What does {A} play?", "{I}", "The {I}."}, {"Who plays the {I}?", "{A}", "{A} does."}}},
        {"{A:person}{L:language}",
         {"{S} speaks {L}.", "{S} can speak {L}.", "{S} is learning {L}.", "{S} takes lessons in {L}."},
         {{"What does {A} speak?", "{L}", "{L}."}, {"Who speaks {L}?", "{A}", "{A} does."}}},
        {"{A:person}{X:animal}",
         {"{S} is afraid of the {X}.", "{S} fears the {X}.", "{S} ran away from the {X}.",
          "{S} does not dare to go near the {X}."},
         {{"What is {A} afraid of?", "{X}", "The {X}."}, {"Who is afraid of the {X}?", "{A}", "{A} is."}}},
        {"{A:person}{C:colour}{K:clothing}",
         {"{S} has {C.a} {K}.", "{S} wears {C.a} {K}.", "{S} put on {C.a} {K}.",
          "{S} is dressed in {C.a} {K}."},
         {{"What colour is {A}'s {K}?", "{C}", "It is {C}."}, {"Who has the {C} {K}?", "{A}", "{A} does."}}},
        {"{A:person}{B:person}{D:weekday}",
         {"{S} will visit {B} on {D}.", "{S} will call on {B} on {D}.", "{S} is going to see {B} on {D}.",
          "{S} has promised to visit {B} on {D}."},
         {{"When will {A} visit {B}?", "{D}", "On {D}."}, {"Who will visit {B}?", "{A}", "{A} will."}}},
        {"{A:person}{B:person}{R:relative}",
         {"{S} is {B}'s {R}.", "{S} is the {R} of {B}.", "{S} has always been {B}'s {R}.",
          "{S} is known as {B}'s {R}."},
         {{"Who is {B}'s {R}?", "{A}", "{A} is."}}},
    };
}

std::vector<FactKind> factsOfThings() {
    return {
        {"{D:weekday}{W:weather}",
         {"On {D} it was {W}.", "It was {W} on {D}.", "On {D} the weather was {W}.",
          "The whole of {D} was {W}."},
         {{"What was the weather like on {D}?", "{W}", "It was {W}."},
          {"On which day was it {W}?", "{D}", "On {D}."}}},
        {"{T:part}{C:colour}{P:place}",
         {"The {T} of the {P} is {C}.", "The {P} has {C.a} {T}.", "At the {P} the {T} is {C}.",
          "Somebody painted the {T} of the {P} {C}."},
         {{"What colour is the {T} of the {P}?", "{C}", "It is {C}."}}},
        {"{T:thing}{M:material}",
         {"The {T} is made of {M}.", "The {T} was made of {M}.", "They made the {T} out of {M}.",
          "For the {T} they used {M}."},
         {{"What is the {T} made of?", "{M}", "Of {M}."}, {"What is made of {M}?", "{T}", "The {T}."}}},
        {"{T:pet}{R:room}",
         {"The {T} slept in the {R}.", "The {T} lay in the {R}.", "The {T} was in the {R}.",
          "They shut the {T} up in the {R}."},
         {{"Where is the {T}?", "{R}", "In the {R}."}, {"Who slept in the {R}?", "{T}", "The {T}."}}},
        {"{T:tree}{P:place}",
         {"Behind the {P} there is {T.a}.", "{T.A} grows behind the {P}.", "There is {T.a} next to the {P}.",
          "They planted {T.a} beside the {P}."},
         {{"What grows behind the {P}?", "{T}", "{T.A}."}, {"Where is the {T}?", "{P}", "By the {P}."}}},
        {"{T:thing}{F:furniture}",
         {"The {T} is on the {F}.", "The {T} is under the {F}.", "The {T} lies behind the {F}.",
          "You will see the {T} beside the {F}."},
         {{"Where is the {T}?", "{F}", "By the {F}."}}},
        {"{P:place}{D:weekday}",
         {"The {P} is closed on {D}.", "On {D} the {P} is closed.", "The {P} does not open on {D}.",
          "Nobody works at the {P} on {D}."},
         {{"When is the {P} closed?", "{D}", "On {D}."}, {"What is closed on {D}?", "{P}", "The {P}."}}},
    };
}

} // namespace

std::span<const FactKind> factKinds() {
    static const std::vector<FactKind> kKinds = [] {
        std::vector<FactKind> kinds = factsOfDeeds();
        for (const auto& more : {factsOfPeople(), factsOfThings()})
            kinds.insert(kinds.end(), more.begin(), more.end());
        return kinds;
    }();
    return kKinds;
}

} // namespace lathe::examples
