#include "resources/examples/generator/word_lists.h"

namespace lathe::examples {

// One list of things and two of judgements for each kind of review: the same name with "good" or "bad" before
// it.
std::span<const WordList> wordsOfOpinion() {
    static constexpr WordList kLists[] = {
        {"dish", Forms::Noun,
         "soup, stew, pie, salad, curry, omelette, steak, pizza, cake, sandwich, roast, pasta, breakfast, "
         "dessert, "
         "sauce, risotto, pudding, burger, lasagne, fish soup, apple tart, casserole, pancake, sausage"},
        {"gooddish", Forms::Plain,
         "delicious, tasty, fresh, crisp, creamy, juicy, tender, rich, fragrant, flavourful, light, warm, "
         "hearty, "
         "perfectly cooked, well seasoned, golden, satisfying, mouth-watering, wholesome, succulent"},
        {"baddish", Forms::Plain,
         "bland, cold, burnt, soggy, stale, greasy, salty, dry, tough, raw, watery, sour, rubbery, lumpy, "
         "tasteless, "
         "overcooked, mouldy, bitter, oily, mushy"},
        {"lodging", Forms::Noun,
         "room, bed, bathroom, lobby, breakfast room, balcony, shower, swimming pool, garden, view, sauna, "
         "terrace, "
         "lounge, corridor, apartment, cabin"},
        {"goodlodging", Forms::Plain,
         "clean, comfortable, spacious, bright, cosy, quiet, charming, tidy, spotless, elegant, airy, "
         "peaceful, warm, "
         "well kept, inviting, homely, stylish, restful"},
        {"badlodging", Forms::Plain,
         "dirty, noisy, cramped, dark, damp, smelly, shabby, dusty, stuffy, broken, freezing, filthy, "
         "gloomy, run-down, "
         "grubby, draughty, uncomfortable, overcrowded"},
        {"show", Forms::Noun,
         "film, play, concert, novel, song, story, show, opera, album, series, musical, comedy, plot, "
         "ending, "
         "first chapter, second act"},
        {"goodshow", Forms::Plain,
         "exciting, funny, moving, gripping, clever, beautiful, brilliant, charming, original, thrilling, "
         "touching, "
         "entertaining, inspiring, witty, enchanting, superb, magical, dazzling"},
        {"badshow", Forms::Plain,
         "boring, dull, silly, slow, confusing, predictable, tedious, clumsy, pointless, dreary, shallow, "
         "stupid, "
         "lifeless, tiresome, childish, endless, forgettable, muddled"},
        {"gadget", Forms::Noun,
         "phone, radio, camera, kettle, clock, lamp, heater, vacuum cleaner, printer, toaster, bicycle, "
         "umbrella, "
         "backpack, suitcase, tent, drill, mixer, headset, keyboard, watch, flashlight, fan"},
        {"goodgadget", Forms::Plain,
         "reliable, sturdy, handy, quick, easy to use, well made, durable, practical, powerful, accurate, "
         "solid, "
         "smooth, useful, precise, efficient, user-friendly, silent, lightweight"},
        {"badgadget", Forms::Plain,
         "flimsy, broken, useless, faulty, slow, unreliable, loud, badly made, cracked, defective, weak, "
         "awkward, "
         "leaky, rusty, fragile, wobbly, scratched, overpriced"},
        {"staff", Forms::Noun,
         "waiter, waitress, clerk, guide, driver, receptionist, cook, shop assistant, manager, cleaner, "
         "nurse, barber, "
         "teacher, mechanic, salesman/salesmen, landlady, porter, cashier"},
        {"goodstaff", Forms::Plain,
         "friendly, helpful, polite, kind, cheerful, attentive, patient, welcoming, skilful, courteous, "
         "generous, "
         "thoughtful, professional, warm-hearted, prompt, considerate, charming, obliging"},
        {"badstaff", Forms::Plain,
         "rude, unfriendly, impolite, careless, grumpy, lazy, impatient, unhelpful, bossy, dishonest, "
         "arrogant, sloppy, "
         "bad-tempered, sulky, clueless, sullen, clumsy, hostile"},
        {"outing", Forms::Noun,
         "trip, party, picnic, walk, tour, visit, holiday, journey, lesson, festival, wedding, match, market "
         "day, cruise, "
         "excursion, parade, fair, weekend"},
        {"goodouting", Forms::Plain,
         "wonderful, pleasant, lovely, delightful, fun, great, fantastic, marvellous, relaxing, memorable, "
         "enjoyable, "
         "splendid, perfect, cheerful, fabulous, glorious, terrific, amazing"},
        {"badouting", Forms::Plain,
         "terrible, awful, horrible, dreadful, miserable, disappointing, unpleasant, tiring, chaotic, "
         "disastrous, "
         "wretched, stressful, dismal, ghastly, hopeless, nasty, wasteful, appalling"},
        {"gooddeed", Forms::Plain,
         "smiled at everyone, answered all our questions, gave us a free drink, helped with the bags, "
         "remembered our names, fixed the problem at once, found us a better seat, thanked us warmly, "
         "brought extra blankets, waited for us in the rain, took time to explain everything, lent us an "
         "umbrella"},
        {"baddeed", Forms::Plain,
         "shouted at us, ignored our questions, lost our luggage, forgot our order, spilled soup on my coat, "
         "made us wait for hours, charged us twice, slammed the door, laughed at our complaint, "
         "refused to help, broke my glasses, blamed us for the mistake"},
        {"goodmark", Forms::Plain,
         "I loved it, it was worth every penny, I will come again, everyone should try it, we had a great "
         "time, "
         "I was very pleased, it made my day, I would buy it again, we enjoyed every minute, I can only "
         "praise it, "
         "it was better than I had hoped, we left with a smile, my whole family was happy, I recommend it to "
         "everyone, "
         "nothing could have been better, I was smiling all day"},
        {"badmark", Forms::Plain,
         "I hated it, it was a waste of money, I will never come again, nobody should try it, we had a bad "
         "time, "
         "I was very disappointed, it ruined my day, I want my money back, we regretted every minute, "
         "I can only warn you, it was worse than I had feared, we left with a frown, my whole family was "
         "upset, "
         "I recommend it to nobody, nothing could have been worse, I was angry all day"},
    };
    return kLists;
}

} // namespace lathe::examples
