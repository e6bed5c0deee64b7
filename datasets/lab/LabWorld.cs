namespace Aim.Datasets;

/// <summary>A thing that can appear: its one-word name and what it is.</summary>
/// <param name="Name">The name, which is also the sprite's file name and one token.</param>
/// <param name="Category">One of <see cref="LabWorld.Categories"/>.</param>
public sealed record LabObject(string Name, string Category);

/// <summary>
/// The lab's small world: its objects, places, numbers and code words. The order of each list is part of the data
/// version: class numbers and token ids follow from it.
/// </summary>
public static class LabWorld
{
    /// <summary>Changes whenever the same seed would give other data; part of every record.</summary>
    public const string Version = "2";

    /// <summary>Width and height of every picture, in pixels.</summary>
    public const int Canvas = 96;

    /// <summary>Width and height of a patch of the vision tower, in pixels.</summary>
    public const int Patch = 8;

    /// <summary>Patches a side; <see cref="Canvas"/> / <see cref="Patch"/>.</summary>
    public const int Grid = Canvas / Patch;

    /// <summary>The most frames of a clip.</summary>
    public const int ClipFrames = 64;

    /// <summary>Every object; the index is its class in stage 0.</summary>
    public static IReadOnlyList<LabObject> Objects { get; } =
    [
        .. Of("animal", "cat dog cow pig frog tiger elephant rabbit penguin owl duck parrot fish "
            + "octopus crab whale turtle snake bee ladybug butterfly snail"),
        .. Of("food", "apple banana grapes watermelon lemon cherries strawberry pineapple carrot "
            + "corn eggplant broccoli mushroom pizza hamburger icecream doughnut cookie coffee egg"),
        .. Of("nature", "tulip rose sunflower cactus"),
        .. Of("vehicle", "car bus truck ship rocket airplane bike helicopter tractor"),
        .. Of("nature", "rainbow moon"),
        .. Of("thing", "fire snowman umbrella"),
        .. Of("nature", "star"),
        .. Of("thing", "basketball guitar trumpet chair door key lock hammer scissors book camera candle "
            + "bell crown shirt boot gem balloon gift"),
    ];

    /// <summary>What objects are: the first half of a two-hop question.</summary>
    public static IReadOnlyList<string> Categories { get; } = Words("animal food nature vehicle thing");

    /// <summary>The nine places of a picture, row by row; the index is the cell.</summary>
    public static IReadOnlyList<string> Places { get; } =
        Words("topleft top topright left center right bottomleft bottom bottomright");

    /// <summary>Number words; the index is the number.</summary>
    public static IReadOnlyList<string> Numbers { get; } = Words("zero one two three four five six seven eight nine");

    /// <summary>Invented words that stand for objects in code books.</summary>
    public static IReadOnlyList<string> Codes { get; } =
        Words("blip zorb frim wug dax tov glip mub kesh plon sneb vark yig quam rulf jeb snork chaz nuv fep");

    /// <summary>The letters of multiple choice.</summary>
    public static IReadOnlyList<string> Letters { get; } = ["A", "B", "C", "D"];

    /// <summary>Which way a thing can move.</summary>
    public static IReadOnlyList<string> Directions { get; } = Words("left right up down");

    /// <summary>Words that count places in a row.</summary>
    public static IReadOnlyList<string> Ordinals { get; } = Words("first second third fourth fifth");

    /// <summary>Letters that can be written on a plate; each differs from the others in several pixels of the font.</summary>
    public static IReadOnlyList<string> PlateLetters { get; } = Words("A C E F H J K L P T X Z");

    /// <summary>
    /// Syllables of made-up labels: every label is one of the first and one of the second, two tokens. All of them occur in
    /// training, so a label that is new there is still spelled from tokens that the model knows (see `reserved.json`).
    /// </summary>
    public static (IReadOnlyList<string> First, IReadOnlyList<string> Second) Syllables { get; } =
        (Words("gi ki mi ga gu ti va la ku sa nu du"), Words("vi bo be pu ba pe ve re ko fu bu fo"));

    /// <summary>The class of the object with this name.</summary>
    /// <exception cref="ArgumentException">There is no such object.</exception>
    public static int IndexOf(string name)
    {
        for (int i = 0; i < Objects.Count; i++)
            if (Objects[i].Name == name)
                return i;
        throw new ArgumentException($"the lab has no object '{name}'");
    }

    /// <summary>What the object with this name is.</summary>
    /// <exception cref="ArgumentException">There is no such object.</exception>
    public static string CategoryOf(string name) => Objects[IndexOf(name)].Category;

    private static IEnumerable<LabObject> Of(string category, string names) =>
        Words(names).Select(name => new LabObject(name, category));

    private static string[] Words(string words) => words.Split(' ');
}
