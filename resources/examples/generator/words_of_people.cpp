#include "resources/examples/generator/word_lists.h"

namespace lathe::examples {

std::span<const WordList> wordsOfPeople() {
    static constexpr WordList kLists[] = {
        {"person", Forms::Person,
         "Anna/f, Tom/m, Ben/m, Lucy/f, Mary/f, Jack/m, Sam/m, Emma/f, Peter/m, Sara/f, Paul/m, Nina/f, "
         "Leo/m, Clara/f, "
         "Oliver/m, Ruth/f, Simon/m, Helen/f, Adam/m, Julia/f, David/m, Laura/f, Henry/m, Alice/f, George/m, "
         "Rosa/f, "
         "Martin/m, Eva/f, Daniel/m, Grace/f, Felix/m, Maria/f, Victor/m, Ella/f, Hugo/m, Olga/f, Walter/m, "
         "Irene/f, "
         "Oscar/m, Mia/f, Robert/m, Sofia/f, Edward/m, Kate/f, Frank/m, Jane/f, Albert/m, Nora/f, Harry/m, "
         "Amy/f, "
         "Philip/m, Lena/f, Arthur/m, Vera/f, Karl/m, Dora/f, Ivan/m, Ida/f, Luke/m, Zoe/f, Mark/m, Tina/f, "
         "John/m, "
         "Erin/f, Alan/m, Holly/f, Bruno/m, Wendy/f, Rafael/m, Amira/f, Omar/m, Leila/f, Kenji/m, Yuki/f, "
         "Ravi/m, "
         "Priya/f, Pedro/m, Carmen/f, Stefan/m, Ingrid/f, Marco/m, Bianca/f, Nathan/m, Molly/f, Isaac/m, "
         "Hannah/f, "
         "Theo/m, Greta/f, Owen/m, Fiona/f, Rory/m, Nadia/f, Tariq/m, Esther/f, Milan/m, Petra/f, Anton/m, "
         "Beth/f"},
        {"job", Forms::Noun,
         "baker, teacher, nurse, doctor, farmer, painter, carpenter, plumber, driver, pilot, sailor, "
         "fisherman/fishermen, "
         "gardener, cook, waiter, tailor, barber, butcher, grocer, florist, librarian, writer, singer, "
         "dancer, actor, "
         "musician, clown, magician, judge, lawyer, clerk, postman/postmen, policeman/policemen, "
         "firefighter, soldier, "
         "engineer, mechanic, electrician, builder, roofer, miner, blacksmith, potter, weaver, jeweller, "
         "watchmaker, "
         "shoemaker, photographer, reporter, dentist, vet, chemist, astronomer, shepherd, beekeeper, "
         "gamekeeper, "
         "lifeguard, coach, goalkeeper, cleaner, cashier, porter, receptionist, translator, architect, "
         "guide"},
        {"relative", Forms::Noun,
         "neighbour, friend, cousin, teacher, pupil, guest, colleague, helper, partner, tutor, assistant, "
         "lodger, "
         "best friend, classmate, pen friend, rival"},
        {"hobby", Forms::Mass,
         "swimming, running, cooking, painting, reading, sewing, knitting, fishing, dancing, singing, "
         "skating, skiing, "
         "climbing, sailing, gardening, baking, drawing, chess, football, tennis, cycling, rowing, hiking, "
         "riding, "
         "juggling, camping, writing, bird watching, card games, pottery, archery, boxing, badminton, table "
         "tennis, "
         "wrestling, weaving, carving, basketball, volleyball, photography, crosswords, model trains, yoga"},
        {"language", Forms::Mass,
         "French, Spanish, German, Italian, Greek, Russian, Polish, Turkish, Arabic, Japanese, Chinese, "
         "Dutch, "
         "Swedish, Danish, Finnish, Hindi, Welsh, Irish, Latin, Czech, Korean, Hungarian"},
        {"trait", Forms::Plain,
         "kind, clever, brave, shy, patient, cheerful, curious, careful, honest, gentle, proud, stubborn, "
         "quiet, "
         "friendly, polite, thoughtful, lively, modest, hard-working, forgetful, generous, tidy, dreamy, "
         "serious, "
         "helpful, playful, sensible, bold, calm, witty, restless, loyal, talkative, absent-minded"},
        {"feeling", Forms::Plain,
         "happy, tired, hungry, thirsty, sleepy, proud, nervous, excited, lonely, bored, surprised, worried, "
         "angry, "
         "sad, glad, afraid, grateful, curious, relieved, cold, warm, confused, jealous, ashamed, hopeful, "
         "content, "
         "puzzled, annoyed, delighted, homesick"},
        {"manner", Forms::Plain,
         "slowly, quickly, quietly, loudly, carefully, happily, sadly, gently, proudly, eagerly, patiently, "
         "bravely, "
         "politely, cheerfully, nervously, softly, suddenly, calmly, gladly, kindly, clumsily, neatly, "
         "lazily, "
         "secretly, hurriedly, thoughtfully, warmly, boldly, silently, merrily"},
        {"act", Forms::Plain,
         "sang a song, swept the floor, washed the dishes, read the newspaper, watered the plants, fed the "
         "hens, "
         "wrote a letter, mended a fence, peeled potatoes, ironed a shirt, polished the windows, chopped "
         "some wood, "
         "baked bread, made soup, played cards, drew a picture, practised the piano, folded the laundry, "
         "brushed the horse, picked berries, dug a hole, raked the leaves, shovelled snow, climbed a hill, "
         "swam in the lake, rode a bicycle, caught a fish, built a sandcastle, counted the stars, told a "
         "joke, "
         "listened to the radio, watched a film, took a nap, packed a bag, waited for the bus, crossed the "
         "bridge, "
         "looked out of the window, lit a fire, set the table, cleared the attic, painted the gate, fixed "
         "the tap, "
         "sharpened a pencil, learned a poem, played chess, phoned a friend, sewed on a button, knitted a "
         "scarf, "
         "planted some beans, cut the grass, trimmed the hedge, collected shells, threw a ball, flew a kite, "
         "made a snowman, skated on the pond, rowed across the river, walked the dog, combed the cat, "
         "carried the shopping home, cooked some rice, boiled an egg, squeezed a lemon, grated some cheese, "
         "stirred the porridge, whistled a tune, danced in the kitchen, laughed at the clown, wrapped a "
         "present, "
         "blew out the candles, cut the cake, opened the curtains, locked the door, wound the clock, "
         "dusted the shelves, emptied the bin, sorted the stamps, repaired the roof, oiled the hinges, "
         "tied a knot, sailed a toy boat, hid behind a tree, jumped over a puddle, slid down the slope, "
         "dried the towels, scrubbed the pots, beat the carpet, hung up the washing, stacked the chairs"},
        {"weekday", Forms::Name, "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday"},
        {"month", Forms::Name,
         "January, February, March, April, May, June, July, August, September, October, November, December"},
        {"season", Forms::Plain, "spring, summer, autumn, winter"},
        {"daypart", Forms::Plain,
         "in the morning, in the afternoon, in the evening, at night, at noon, before breakfast, after "
         "lunch, "
         "after supper, before dinner, at dawn, at sunset, around midday"},
        {"colour", Forms::Plain,
         "red, blue, green, yellow, white, black, brown, grey, pink, purple, orange, golden, silver, violet, "
         "beige, "
         "crimson, turquoise, cream"},
        {"weather", Forms::Plain,
         "sunny, rainy, windy, cloudy, foggy, snowy, stormy, icy, warm, hot, cold, cool, wet, dry, mild, "
         "frosty, misty, "
         "clear, humid, chilly"},
    };
    return kLists;
}

} // namespace lathe::examples
