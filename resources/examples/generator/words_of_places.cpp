#include "resources/examples/generator/word_lists.h"

namespace lathe::examples {

std::span<const WordList> wordsOfPlaces() {
    static constexpr WordList kLists[] = {
        {"place", Forms::Noun,
         "park, market, school, library, station, harbour, beach, river, lake, forest, farm, mill, bakery, "
         "museum, "
         "theatre, cinema, church, hospital, bank, post office, town hall, bridge, castle, tower, garden, "
         "orchard, "
         "meadow, hill, valley, island, cave, well, fountain, square, playground, stadium, swimming pool, "
         "gym, zoo, "
         "circus, fair, bookshop, shoe shop, toy shop, flower shop, fish shop, butcher's shop, chemist's "
         "shop, "
         "supermarket, cafe, restaurant, inn, hotel, airport, bus stop, car park, garage, factory, workshop, "
         "office, "
         "barn, stable, vineyard, greenhouse, pier, lighthouse, dock, canal, pond, waterfall, mountain, "
         "quarry, "
         "windmill, campsite, cottage, palace, temple, university, police station, fire station, laundry, "
         "hairdresser's shop, art gallery, concert hall, ice rink, bowling alley, village green, cemetery"},
        {"room", Forms::Noun,
         "kitchen, bedroom, bathroom, hall, living room, dining room, cellar, attic, study, nursery, porch, "
         "balcony, "
         "garage, shed, pantry, corridor, classroom, workshop, laundry room, guest room"},
        {"town", Forms::Name,
         "Ashford, Brookfield, Elmwood, Greenhill, Oakley, Riverton, Stonebridge, Westbury, Millbrook, "
         "Northam, "
         "Kingsport, Maplewood, Fairview, Holmby, Lakeside, Redcliff, Sandhurst, Thornton, Whitby, Wexford, "
         "Birchwood, Copperdale, Dunmore, Eastvale, Foxhollow, Hartley, Larkspur, Marlow, Pinecrest, "
         "Summerton, "
         "Paris, London, Rome, Berlin, Madrid, Vienna, Lisbon, Athens, Cairo, Dublin, Oslo, Prague, Tokyo, "
         "Boston"},
        {"terrain", Forms::Plain,
         "quiet, busy, narrow, wide, old, new, steep, green, muddy, dusty, sunny, shady, famous, lonely, "
         "crowded, "
         "pretty, windy, stony, peaceful, noisy, ancient, modern, tiny, huge, hidden, grassy, rocky, sandy"},
        {"look", Forms::Plain,
         "big, small, old, new, round, square, heavy, light, shiny, dusty, broken, clean, dirty, smooth, "
         "rough, soft, "
         "hard, long, short, thin, thick, empty, full, striped, spotted, wooden, rusty, plain, bright, dark, "
         "tiny, "
         "huge, pretty, ugly, cheap, expensive, useful, strange, curved, flat, folded, painted, woollen, "
         "wet, dry"},
        {"petlook", Forms::Plain,
         "fluffy, spotted, tiny, fat, thin, lazy, playful, greedy, gentle, noisy, clever, shy, fast, slow, "
         "striped, "
         "sleepy, old, young, brave, curious, tame, wild, hungry, strong, nimble, stubborn"},
        {"part", Forms::Noun,
         "roof, wall, door, window, gate, fence, chimney, floor, ceiling, staircase, handle, shutter, tower, "
         "arch, "
         "garden path, step, balcony, porch, railing, doorbell"},
        {"sound", Forms::Plain,
         "a dog barked, a bell rang, an owl hooted, the wind whistled, a door banged, a cock crowed, "
         "somebody laughed, a train hooted, the floor creaked, the rain drummed on the roof, a baby cried, "
         "a clock struck, a cat meowed, thunder rolled, the leaves rustled, a window rattled, bees hummed, "
         "a cow mooed, footsteps sounded, a horse neighed"},
    };
    return kLists;
}

} // namespace lathe::examples
