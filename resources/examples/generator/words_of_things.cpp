#include "resources/examples/generator/word_lists.h"

namespace lathe::examples {

std::span<const WordList> wordsOfThings() {
    static constexpr WordList kLists[] = {
        {"thing", Forms::Noun,
         "kite, lamp, basket, hammer, ladder, bucket, rope, candle, mirror, pencil, notebook, comb, brush, "
         "kettle, "
         "bottle, blanket, pillow, clock, drum, whistle, bell, purse, wallet, key, coin, button, ribbon, "
         "needle, "
         "spoon, fork, knife/knives, plate, bowl, cup, mug, teapot, jug, vase, broom, mop, shovel, rake, "
         "saw, axe, "
         "nail, screw, wrench, torch, lantern, compass, map, tent, radio, camera, phone, stamp, letter, "
         "postcard, "
         "envelope, parcel, magnet, marble, puzzle, doll, puppet, ball, balloon, bat, skateboard, sledge, "
         "bicycle, "
         "umbrella, suitcase, backpack, handbag, box, crate, barrel, jar, tin, tray, sponge, towel, soap "
         "dish, "
         "toothbrush, razor, pillowcase, cushion, rug, curtain, picture, poster, frame, statue, figurine, "
         "trophy, "
         "medal, ring, necklace, bracelet, brooch, watch, crown, flag, shell, feather, pebble, crystal, "
         "acorn, "
         "calculator, ruler, eraser, crayon, paintbrush, easel, stapler, folder, calendar, dictionary, "
         "novel, "
         "magazine, newspaper, songbook, cookbook, diary, ticket, telescope, microscope, thermometer, "
         "battery, "
         "charger, cable, flowerpot, watering can, wheelbarrow, hose, bird house, fishing rod, hook, net, "
         "paddle, "
         "helmet, whisk, ladle, sieve, grater, pan, pot, lid, corkscrew, apron, oven glove, napkin, "
         "tablecloth"},
        {"clothing", Forms::Noun,
         "coat, jacket, scarf/scarves, hat, cap, shirt, blouse, dress, skirt, jumper, sweater, cardigan, "
         "vest, belt, "
         "tie, shawl, cloak, raincoat, hood, bonnet, glove, mitten, sock, shoe, boot, slipper, sandal, "
         "nightgown, "
         "uniform, suit, waistcoat, poncho"},
        {"food", Forms::Noun,
         "apple, pear, plum, peach, banana, orange, lemon, melon, mango, fig, apricot, kiwi, pineapple, "
         "carrot, "
         "potato/potatoes, tomato/tomatoes, onion, cucumber, pepper, radish, turnip, cabbage, lettuce, "
         "pumpkin, "
         "mushroom, leek, sandwich, pancake, waffle, muffin, biscuit, cookie, cake, pie, tart, bun, roll, "
         "bagel, "
         "croissant, omelette, sausage, burger, dumpling, pretzel, doughnut, pasty, boiled egg, fried egg, "
         "cheese toast, fish cake, meatball, pizza, taco, salad, steak, cutlet, pudding, yoghurt, ice lolly"},
        {"drink", Forms::Mass,
         "tea, coffee, milk, water, lemonade, cocoa, apple juice, orange juice, grape juice, ginger beer, "
         "mint tea, "
         "iced tea, hot chocolate, buttermilk, cider, tomato juice, berry punch, soda, malt beer, rose "
         "water"},
        {"animal", Forms::Noun,
         "fox, deer/deer, hare, badger, squirrel, hedgehog, otter, beaver, mole, weasel, bear, wolf/wolves, "
         "lynx, "
         "owl, hawk, eagle, crow, raven, magpie, robin, sparrow, swallow, thrush, wren, heron, stork, swan, "
         "gull, "
         "frog, toad, newt, lizard, snake, snail, beetle, butterfly, moth, spider, bee, wasp, ladybird, "
         "cricket, "
         "horse, donkey, cow, calf/calves, bull, sheep/sheep, lamb, ram, pig, piglet, hen, rooster, chick, "
         "turkey, "
         "monkey, elephant, lion, tiger, zebra, giraffe, camel, seal, whale, dolphin, crab, lobster, bat, "
         "peacock"},
        {"pet", Forms::Noun,
         "cat, dog, kitten, puppy, rabbit, hamster, parrot, goldfish/goldfish, tortoise, pony, mouse/mice, "
         "canary, goat, duck, goose/geese, guinea pig, lamb, pigeon, gecko, ferret"},
        {"petname", Forms::Name,
         "Milo, Rex, Bella, Coco, Max, Luna, Rusty, Snowy, Pepper, Biscuit, Shadow, Ginger, Pip, Toffee, "
         "Sooty, "
         "Patch, Daisy, Buster, Nala, Oscar, Pixie, Bruno, Hazel, Waffles, Domino, Tiger, Misty, Bandit, "
         "Poppy, "
         "Scout, Ziggy, Pickle, Muffin, Flash, Smokey, Clover, Dusty, Nugget, Jasper, Willow, Boots, Rolo"},
        {"furniture", Forms::Noun,
         "table, bed, sofa, desk, bench, stool, armchair, wardrobe, bookcase, cupboard, stove, piano, sink, "
         "bathtub, "
         "dresser, shelf/shelves, mattress, carpet, mat, staircase, radiator, washing machine"},
        {"container", Forms::Noun,
         "drawer, chest, cabinet, trunk, bag, sack, pocket, toolbox, lunch box, jewel case, biscuit tin, "
         "hamper, "
         "glove box, pantry, locker, letter box, laundry basket, paper bag, cellar, attic, fridge, bread "
         "bin, "
         "hat box, money box, sewing box, oven, bin, rucksack"},
        {"tree", Forms::Noun,
         "oak, birch, willow, pine, maple, elm, ash, chestnut, cherry tree, apple tree, pear tree, plum "
         "tree, fir, "
         "cedar, poplar, walnut tree, lime tree, rowan, hazel, rose bush, lilac, sunflower, tulip, fern, "
         "holly"},
        {"vehicle", Forms::Noun,
         "bus, train, car, tram, ferry, boat, taxi, van, lorry, bike, scooter, plane, sledge, tractor, "
         "coach, canoe, "
         "helicopter, motorbike, cart, barge"},
        {"instrument", Forms::Noun,
         "piano, violin, flute, guitar, trumpet, cello, drum, harp, banjo, accordion, clarinet, organ, oboe, "
         "tuba, "
         "recorder, trombone, mandolin, horn, bagpipe, ukulele, xylophone, saxophone"},
        {"material", Forms::Mass,
         "wood, glass, paper, iron, clay, stone, brick, leather, wool, silver, gold, copper, plastic, "
         "cotton, silk, "
         "rubber, straw, wax, marble, tin, bamboo, steel"},
        {"toybit", Forms::Noun,
         "stone, leaf/leaves, berry, nut, egg, flower, star, card, sticker, block, bead, seed, sweet, "
         "cherry, grape, "
         "walnut, peanut, shell, ticket, plant, pen, peg, stick, brick, carrot, pea, bean, rose, daisy, "
         "spoon"},
    };
    return kLists;
}

} // namespace lathe::examples
