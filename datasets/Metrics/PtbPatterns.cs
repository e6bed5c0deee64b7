namespace Aim.Datasets;

/// <summary>Parts that <see cref="PtbRules"/> are made of.</summary>
internal static class PtbPatterns
{
    public const string Digit = @"\p{Nd}";

    /// <summary>A letter, a soft hyphen, a combining mark, a modifier sign or an accented letter's entity.</summary>
    public const string Letter =
        @"(\p{L}|[\p{M}-[\u0ECE-\uFFFF]]|[\u00AD\u02C2-\u02DF\u02E5-\u02FF\u0384\u0385\u03F6]"
        + "|&[aeiouAEIOU](?i:acute|grave|uml);)";

    public const string Space = @"[ \t\u00A0\u2000-\u200A\u3000]";

    public const string SpaceOrLine = @"[ \t\u00A0\u2000-\u200A\u3000\r\n\u2028\u2029\v\f\u0085]";

    /// <summary>An apostrophe.</summary>
    public const string Apostrophe = @"(['\u0092\u2019]|(?i:&apos;))";

    /// <summary>What is used as an apostrophe inside words, rightly or not.</summary>
    public const string AnyApostrophe = @"(['\u0092\u2019`\u0091\u2018\u201B]|(?i:&apos;))";

    /// <summary>Letters and digits, with single periods and marks between letters (<c>a.b</c>, <c>yahoo!groups</c>).</summary>
    public const string Word = $"{Letter}({Letter}|{Digit})*([.!?]{Letter}({Letter}|{Digit})*)*";

    public const string Hyphen = @"[-_\u058A\u2010\u2011]";

    /// <summary>An ending that is a word of its own: 's, 'm, 'd, 're, 've, 'll.</summary>
    public const string Clitic = $"{Apostrophe}([msdMSD]|(?i:re|ve|ll))";

    /// <summary>The ending n't.</summary>
    public const string NotClitic = $"(?i:n){AnyApostrophe}(?i:t)";

    /// <summary>A mark inside a sentence.</summary>
    public const string InnerMark = @"[,;:\u3001]";

    private const string TagName = @"[A-Za-z][A-Za-z0-9_:.\-]*";

    /// <summary>A tag, a comment or a processing instruction of HTML or XML.</summary>
    public const string Tag =
        $@"<([!?][A-Za-z\-][^>\r\n]*|{TagName}([ ]+{TagName}([ ]*=[ ]*('[^']*'|""[^""]*""))?)*[ ]*/?|/{TagName})[ ]*>";

    /// <summary>A space and what starts a sentence, or two spaces.</summary>
    public const string SentenceEnd = $@"{SpaceOrLine}({Tag}|{SpaceOrLine}|\p{{Lu}})";

    /// <summary>Letters with periods between them, of at least two letters: U.S, and some compounds of it.</summary>
    public const string LongAcronym =
        @"((?i:(Canada|Sino|Korean|EU|Japan|non)-U\.S|U\.S\.-(U\.S\.S\.R|U\.K))|[A-Za-z](\.[A-Za-z])+)";

    /// <summary>As <see cref="LongAcronym"/>, or a single letter.</summary>
    public const string Acronym = $"({LongAcronym}|[A-Za-z])";

    /// <summary>
    /// Abbreviations that a lower-case word follows as a rule; before a capital, or at the end, the sentence ends too.
    /// </summary>
    public static readonly string Abbreviation = Words(
        "jan feb mar apr jun jul aug sept sep oct nov dec mon tues tue wed thurs thu fri "
        + "ala ariz calif colo conn ct dak fla ga ind kans kan ky md mich minn mont mo neb nev okla penn tenn va vt wisc wis wyo "
        + "inc cos co corp ltd plc rt bancorp bhd assn univ intl sys tel est ext sq jr sr bros blvd rd esq etc al seq bldg",
        "Az Ark Del Ill La Mass Miss Ore Pa Tex Wash",
        @"(?i:pp?t)[ye](?i:s?)|(?i:ed|ph)\.(?i:d)");

    /// <summary>Abbreviations that a capital follows as a rule: titles and the like.</summary>
    public static readonly string Title = Words(
        "mrs mr ms drs dr profs prof sens sen reps rep attys atty lt col gen messrs govs gov adm rev maj sgt cpl pvt capt ste st "
        + "ave pres lieut hon brig comdr cmdr pfc spc supts supt det mt ft adj adv asst assoc ens insp mlle mme msgr sfc "
        + "vs alex wm jos cie cf treas ph invt elec natl dept",
        "Miss",
        @"(?i:m)[ft](?i:g)|(?i:a\.k\.a)");

    /// <summary>Abbreviations only before numbers.</summary>
    public const string BeforeNumber = @"(?i:ca|figs?|prop|nos?|art|bldg|pp|op)\.";

    /// <summary>
    /// Words that start a sentence after an acronym: before them its period is the sentence's too.
    /// </summary>
    public static readonly string Starter = Words(
        "",
        "About According Additionally After An A As At But Earlier He Her Here However If In It Last Many More Now Once One "
        + "Other Our She Since So Some Such That The Their Then There These They This We When While What Yet You",
        @"M(?i:[rs]\.)");

    /// <summary>Any of the words in either case, of those whose first letter must be a capital, or of further forms.</summary>
    private static string Words(string eitherCase, string capitalised, string more)
    {
        var all = eitherCase.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => $"(?i:{w})")
            .Concat(capitalised.Split(' ').Select(w => $"{w[0]}(?i:{w[1..]})"))
            .Append(more);
        return $"({string.Join('|', all)})";
    }
}
