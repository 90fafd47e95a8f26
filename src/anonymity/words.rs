//! The words that handles are made of.
//!
//! Any adjective may meet any noun on anybody, so neither list says anything about bodies, health,
//! age, looks, intelligence, origin, faith or politics, and no animal is one that people use as an
//! insult. No two words of a list are easily mistaken for each other.

use std::sync::LazyLock;

/// What a [`NOUNS`] may be.
pub(super) static ADJECTIVES: LazyLock<Vec<&str>> = LazyLock::new(|| split(ADJECTIVE_TEXT));

/// Animals, plants and a few things of the sky and the land.
pub(super) static NOUNS: LazyLock<Vec<&str>> = LazyLock::new(|| split(NOUN_TEXT));

fn split(text: &'static str) -> Vec<&'static str> {
    text.split_whitespace().collect()
}

const ADJECTIVE_TEXT: &str = "
    Acoustic Active Adept Admirable Affable Agile Airy Alert Alpine Amazing Amber Amiable
    Animated Arctic Artistic Attentive Autumn Azure Billowing Blissful Bold Bookish Boreal Brave
    Breezy Brisk Budding Buoyant Burnished Busy Calm Candid Candlelit Careful Carved Cheery
    Cherished Chiming Chipper Chirping Choral Citrus Classic Clear Climbing Cloudless Coastal
    Cobalt Constant Content Cool Copper Cordial Cosmic Courteous Cozy Creative Crimson Crisp
    Curious Cycling Dancing Dapper Dappled Daring Dauntless Dazzling Deft Dewy Digital Diligent
    Direct Distant Diving Doodling Dotted Drifting Drumming Dynamic Eager Earnest Electric
    Elegant Emerald Enduring Energetic Esteemed Evening Exact Excellent Exploring Fabulous Fancy
    Fantastic Faraway Fearless Feathered Fleet Flickering Floating Floral Folksy Fortunate
    Friendly Frosty Gallant Gardening Generous Gentle Gilded Glacial Glad Gleaming Gliding
    Glinting Glittering Glowing Golden Grand Granite Grassy Grateful Hardy Harmonic Heedful
    Helpful Heroic Hidden Hiking Honest Honeyed Honored Hopeful Hospitable Hovering Humble
    Hushed Impartial Indigo Inquiring Intrepid Inventive Jaunty Jolly Jovial Joyful Juggling
    Kayaking Keen Kind Kinetic Knitting Lacquered Lakeside Leafy Leaping Leisurely Level Lilting
    Linen Lively Lofty Loyal Lucky Luminous Lunar Lyrical Magnetic Marble Maritime Marvelous
    Meandering Mellow Melodic Merry Midnight Mindful Misty Modern Modest Moonlit Morning Mossy
    Murmuring Musical Nautical Neat Nimble Notable Novel Oceanic Opal Orbital Orderly Original
    Ornate Paddling Painted Panoramic Pastoral Patient Patterned Peaceful Pearly Pensive Peppy
    Placid Playful Poetic Polished Polite Precise Prompt Punctual Quantum Questing Quiet Quilted
    Radiant Rainy Rapid Rare Reading Refined Relaxed Reliable Renowned Resolute Restful Rhyming
    Rhythmic Rippling Roaming Rowing Russet Rustic Rustling Sailing Sapphire Sauntering Scenic
    Seafaring Seaside Secret Serene Shimmering Shining Silent Silken Silver Sincere Singing
    Singular Skating Sketching Skilled Skipping Sledding Snowy Snug Soaring Sociable Solar Solid
    Sparkling Spinning Spirited Splendid Stalwart Stargazing Starry Stately Steady Stellar
    Striped Strolling Sublime Summer Sunny Sunrise Superb Swimming Swirling Sylvan Symphonic
    Teal Temperate Terrific Thankful Thoughtful Tidal Tidy Timely Tinkering Tireless Topaz
    Tranquil Treasured Trekking Trusty Tuneful Turquoise Twilight Twinkling Unhurried Unique
    Upbeat Upland Valiant Valued Velvet Venturing Verdant Vernal Vibrant Vivid Vocal Voyaging
    Waltzing Wandering Watchful Weaving Whimsical Whirling Whispering Whistling Winding Winged
    Winter Wintry Wistful Wondrous Woodland Woolen Woven Writing Yodeling Zesty
";

const NOUN_TEXT: &str = "
    Aardvark Acacia Acorn Agave Albatross Alder Alpaca Amaryllis Anemone Antelope Apple Apricot
    Armadillo Aspen Aster Aurora Avocet Azalea Badger Banyan Baobab Barley Barracuda Basil
    Begonia Bergamot Bilberry Bilby Birch Bison Bluebird Bobolink Borage Bracken Bramble Brook
    Bulrush Bumblebee Bunting Butterfly Camellia Campanula Canyon Capybara Caracal Caraway
    Cardamom Cascade Cassowary Cedar Celandine Chaffinch Chamomile Chicory Chinchilla Cicada
    Cinnamon Clematis Clementine Clover Comet Condor Coral Coriander Cormorant Corncrake
    Cornflower Cranberry Crane Cricket Crocus Crossbill Curlew Cuttlefish Cyclamen Cypress
    Daffodil Dahlia Daisy Damselfly Deer Delphinium Dipper Dolphin Dormouse Dove Dragonfly
    Dunlin Eagle Echidna Edelweiss Egret Eider Eland Elderberry Elk Ermine Estuary Eucalyptus
    Falcon Fennel Fern Fieldfare Finch Fir Firecrest Firefly Fjord Flamingo Flax Forsythia
    Foxglove Freesia Gardenia Gazelle Gecko Gentian Geranium Geyser Ginkgo Giraffe Glacier
    Goldeneye Goldfinch Gorse Goshawk Grasshopper Grebe Greenfinch Guanaco Guava Guillemot
    Halibut Harbor Hare Harrier Hawkmoth Hawthorn Hazel Heather Hedgehog Heron Herring Hibiscus
    Holly Honeybee Hoopoe Hornbeam Huckleberry Hummingbird Hyacinth Hydrangea Ibex Impala Iris
    Island Ivy Jackdaw Jasmine Jerboa Juniper Kangaroo Kelp Kestrel Kingfisher Kinglet Kittiwake
    Koala Kookaburra Kudu Lacewing Ladybird Lagoon Lantern Lapwing Larch Lark Larkspur Laurel
    Lavender Lichen Lilac Lily Linden Linnet Llama Loganberry Lorikeet Lupin Lynx Lyrebird Macaw
    Mackerel Magnolia Mahogany Mallard Mango Maple Marigold Marjoram Marmot Marten Mayfly Meadow
    Meerkat Merganser Merlin Meteor Millet Mimosa Mint Mistletoe Mongoose Moss Mulberry Myrtle
    Narwhal Nautilus Nebula Nightingale Numbat Nyala Oak Ocelot Okapi Orchid Oregano Oriole Oryx
    Osprey Otter Owl Palmetto Panda Parakeet Parsley Partridge Pelican Penguin Peony Perch
    Petrel Petunia Pine Pinecone Pintail Pipit Plumeria Poplar Porpoise Possum Prairie Primrose
    Puffin Quince Quokka Raspberry Raven Razorbill Redstart Redwood Reed Reindeer River Robin
    Rosehip Rosemary Rosewood Rowan Sage Sailfish Salamander Salmon Sandalwood Sanderling
    Sandpiper Saxifrage Seal Sequoia Serval Sesame Shearwater Siskin Skylark Snapdragon Snowdrop
    Sorrel Sparrow Speedwell Spoonbill Springbok Spruce Squirrel Starling Stoat Stonechat Stork
    Strawberry Sturgeon Summit Sunflower Swan Swift Swordfish Sycamore Tamarisk Tanager Tansy
    Tapir Tarragon Teak Thistle Thyme Toucan Trillium Tulip Turmeric Turnstone Turtle Valley
    Vanilla Verbena Vicuna Vireo Wallaby Wapiti Warbler Waxwing Wheatear Whimbrel Wigeon Willow
    Wisteria Wombat Wren Yarrow Yucca Zebra Zephyr Zinnia
";

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether one insertion, removal or replacement of a letter turns `a` into `b`.
    fn one_letter_apart(a: &str, b: &str) -> bool {
        let (a, b) = (a.as_bytes(), b.as_bytes());
        let head = a.iter().zip(b).take_while(|(x, y)| x == y).count();
        let (a, b) = (&a[head..], &b[head..]);
        let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
        a.len() - tail <= 1 && b.len() - tail <= 1
    }

    #[test]
    fn there_are_enough_words_for_sixteen_bits_of_handles() {
        assert!(300 <= ADJECTIVES.len() && 300 <= NOUNS.len());
        assert!(1 << 16 <= ADJECTIVES.len() * NOUNS.len());
    }

    #[test]
    fn words_are_short_ascii_and_capitalised() {
        for word in ADJECTIVES.iter().chain(NOUNS.iter()) {
            let (first, rest) = word.split_at(1);
            assert!((3..=11).contains(&word.len()), "{word}");
            assert!(first.bytes().all(|b| b.is_ascii_uppercase()), "{word}");
            assert!(rest.bytes().all(|b| b.is_ascii_lowercase()), "{word}");
        }
    }

    #[test]
    fn no_word_is_easily_taken_for_another() {
        for words in [&ADJECTIVES, &NOUNS] {
            for (place, word) in words.iter().enumerate() {
                for other in &words[place + 1..] {
                    assert!(!one_letter_apart(word, other), "{word} {other}");
                    assert_ne!(word.get(..5), other.get(..5).or(Some("")), "{word} {other}");
                }
            }
        }
        assert!(NOUNS.iter().all(|noun| !ADJECTIVES.contains(noun)));
    }
}
