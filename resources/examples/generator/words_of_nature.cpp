#include "resources/examples/generator/word_lists.h"

namespace lathe::examples {

std::span<const WordList> wordsOfNature() {
    static constexpr WordList kLists[] = {
        {"flower", Forms::Noun,
         "rose, tulip, daisy, lily, poppy, violet, daffodil, iris, orchid, carnation, bluebell, snowdrop, "
         "crocus, "
         "marigold, geranium, primrose, buttercup, dandelion, lavender bush, foxglove, peony, dahlia, pansy"},
        {"bird", Forms::Noun,
         "blackbird, nightingale, cuckoo, woodpecker, kingfisher, lark, finch, starling, jackdaw, falcon, "
         "vulture, "
         "pelican, penguin, flamingo, ostrich, pheasant, partridge, quail, kestrel, magpie"},
        {"fish", Forms::Noun,
         "trout/trout, salmon/salmon, pike/pike, carp/carp, eel, herring, cod/cod, perch/perch, shark, "
         "sardine, "
         "mackerel/mackerel, catfish/catfish, octopus, squid/squid, shrimp, mussel, oyster, "
         "starfish/starfish"},
        {"insect", Forms::Noun,
         "ant, fly, grasshopper, dragonfly, mosquito/mosquitoes, caterpillar, firefly, bumblebee, hornet, "
         "cockroach, "
         "earwig, flea, louse/lice, termite, centipede, worm, slug, locust"},
        {"bodypart", Forms::Noun,
         "arm, leg, hand, foot/feet, knee, elbow, shoulder, finger, thumb, toe, ear, eye, nose, chin, cheek, "
         "neck, "
         "back, ankle, wrist, tooth/teeth, tongue, heel, forehead, lip"},
        {"ailment", Forms::Noun,
         "cold, fever, headache, toothache, cough, sore throat, stomach ache, sprain, rash, bruise, burn, "
         "scratch, "
         "swelling, nosebleed, earache, blister, cramp, splinter"},
        {"subject", Forms::Mass,
         "history, geography, music, arithmetic, chemistry, physics, biology, geometry, grammar, spelling, "
         "algebra, "
         "drama, handicraft, gymnastics, literature, woodwork, economics, philosophy, astronomy, botany"},
        {"game", Forms::Mass,
         "hide-and-seek, hopscotch, draughts, dominoes, marbles, leapfrog, darts, ludo, bingo, charades, "
         "snakes and "
         "ladders, skittles, blind man's buff, tag, noughts and crosses, croquet, billiards, cricket, "
         "rounders, poker"},
        {"festivity", Forms::Noun,
         "birthday, wedding, carnival, harvest festival, garden party, anniversary, concert, fair, reunion, "
         "picnic, "
         "bonfire, market day, regatta, flower show, school play, dance, banquet, parade, christening, "
         "farewell party"},
        {"notion", Forms::Noun,
         "idea, plan, secret, promise, question, answer, dream, memory, mistake, wish, reason, lesson, rule, "
         "rumour, "
         "excuse, surprise, adventure, quarrel, story, riddle, habit, decision, opinion, hint, suggestion, "
         "warning, "
         "compliment, complaint, apology, invitation, discovery, invention, tradition, legend, prophecy, "
         "bargain"},
        {"group", Forms::Noun,
         "crowd, family, team, choir, orchestra, class, committee, club, queue, flock, herd, swarm, crew, "
         "band, jury, "
         "audience, neighbourhood, gang, troop, delegation"},
        {"verbpast", Forms::Plain,
         "admired, borrowed, chose, covered, cleaned, damaged, delivered, described, destroyed, dropped, "
         "emptied, "
         "examined, exchanged, fetched, forgot, grabbed, guarded, handled, inspected, kept, kicked, "
         "labelled, lent, "
         "lifted, measured, missed, moved, needed, noticed, ordered, owned, painted, pointed at, polished, "
         "presented, "
         "protected, pulled, pushed, recognised, removed, repaired, replaced, returned, rescued, searched "
         "for, showed, "
         "shook, smelled, sold, spoilt, stole, tasted, threw away, tested, touched, traded, treasured, "
         "turned over, "
         "wanted, washed, weighed, won, wrapped, hid, carried, collected, counted, decorated, shared, "
         "photographed"},
        {"thought", Forms::Plain,
         "accepted, avoided, believed, changed, considered, criticised, discussed, doubted, enjoyed, "
         "explained, "
         "explored, forgave, guessed, heard, ignored, improved, invented, liked, loved, mentioned, "
         "preferred, "
         "recommended, refused, regretted, remembered, repeated, respected, revealed, studied, suggested, "
         "supported, "
         "talked about, thought of, translated, trusted, understood, valued, welcomed, wondered about, "
         "worried about, "
         "wrote about, laughed about, shared, announced, approved of, feared, hoped for, insisted on, "
         "judged, kept"},
        {"adverb", Forms::Plain,
         "always, often, sometimes, seldom, never, usually, rarely, again, already, almost, hardly, "
         "certainly, perhaps, "
         "probably, finally, recently, somehow, immediately, eventually, regularly, occasionally, "
         "frequently"},
        {"shape", Forms::Noun,
         "circle, triangle, rectangle, oval, pyramid, cube, cone, cylinder, spiral, cross, crescent, "
         "diamond, hexagon, "
         "sphere, arrow, heart, ladder shape, zigzag"},
        {"crop", Forms::Mass,
         "wheat, barley, oats, rye, maize, rice, hops, clover, hay, spinach, garlic, parsley, celery, "
         "rhubarb, broccoli, "
         "cauliflower, asparagus, lentils, beetroot, thyme, mustard, flax"},
        {"stuff", Forms::Mass,
         "bread, butter, cheese, honey, jam, sugar, salt, flour, vinegar, mustard, cream, bacon, ham, "
         "chicken, rice, "
         "porridge, soup, chocolate, cinnamon, vanilla, pepper sauce, soap, glue, ink, paint, sand, gravel, "
         "coal, "
         "firewood, petrol, medicine, money, luggage, furniture, music, advice, luck, patience, courage, "
         "homework"},
    };
    return kLists;
}

} // namespace lathe::examples
