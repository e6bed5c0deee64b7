using System.Text.RegularExpressions;
using static Aim.Datasets.PtbPatterns;

namespace Aim.Datasets;

/// <summary>
/// What is a token in a caption. The rules describe the behaviour of Stanford's PTBLexer 3.4.1; their order matters where two
/// match equally far.
/// </summary>
internal static class PtbRules
{
    public static IReadOnlyList<PtbRule> All { get; } =
    [
        .. Assimilations(), .. Markup(), .. Words(), .. Addresses(), .. Numbers(), .. Abbreviations(), .. Marks(), .. Compounds(),
        .. Rest(),
    ];

    private static PtbRule[] Assimilations() =>
    [
        new(@"c\+\+|C\+\+"),
        new("[cfCF]#"),
        new("(?i:cannot)", split: 3),
        new("(?i:'twas)", split: 3),
        new("(?i:'tis)", split: 2),
        new("(?i:gonna|gotta|lemme|gimme|wanna)", split: 2),
    ];

    private static PtbRule[] Markup() =>
    [
        new(Tag, write: Unbroken),
        new(@"(?i:&(md|mdash|ndash);)|[\u0096\u0097\u2013\u2014\u2015]", write: _ => "--"),
        new("(?i:&amp;)", write: Ampersands),
        new("(?i:&(ht|tl|ur|lr|qc|ql|qr|odq|cdq|#[0-9]+);)"),
    ];

    private static PtbRule[] Words() =>
    [
        new(Word, Clitic, WithoutSoftHyphens),
        new(@"[A-Za-z\u00AD]*[A-MO-Za-mo-z]\u00AD*", NotClitic, WithoutSoftHyphens),
        new(Word, write: WithoutSoftHyphens),

        // Words with apostrophes of their own.
        new($"{Apostrophe}(?i:n){Apostrophe}?"),
        new($"[lLdDjJ]{Apostrophe}"),
        new($"(?i:dunkin|somethin|ol){Apostrophe}"),
        new($"{Apostrophe}((?i:em|till?|cause)|[2-9]0(?i:s))"),
        new($@"[A-HJ-XZn]{AnyApostrophe}\p{{L}}{{2,}}"),
        new($@"\p{{L}}+[aeiouyAEIOUY]{AnyApostrophe}[aeiouA-Z]\p{{L}}*"),
        new(@"(?i:cont'd\.?|'twas|nor'easter|c'mon|e'er|s'mores|ev'ry|li'l|nat'l)"),
        new($"(?i:o){AnyApostrophe}(?i:o)"),
        new($"(?i:y){Apostrophe}", @"\p{L}"),
    ];

    private const string UrlEnd = @"[^ \t\n\f\r""<>|.!?(){},-]";

    private const string UrlPath = $@"/[^ \t\n\f\r""<>|()]+{UrlEnd}";

    private static PtbRule[] Addresses()
    {
        const string www = @"(?i:www)\.([^ \t\n\f\r""<>|.!?(){},]+\.)+[a-zA-Z]{2,4}";

        // Upstream's class of a name's characters leaves out those from comma to underscore: capitals and digits too.
        const string name = @"([^ \t\n\f\r""`'<>|.!?(){},-_$]+\.)+(?i:com|net|org|edu)";
        return
        [
            new($@"(?i:https?)://[^ \t\n\f\r""<>|(){{}}]+{UrlEnd}"),
            new(www),
            new(www + UrlPath),
            new(name),
            new(name + UrlPath),
            new(@"((?i:&lt;)|<)?[a-zA-Z0-9][^ \t\n\f\r""<>|()\u00A0{}]*@([^ \t\n\f\r""<>|(){}.\u00A0]+\.)*"
                + @"[^ \t\n\f\r""<>|(){}.\u00A0]+((?i:&gt;)|>)?"),
            new("@[a-zA-Z_][a-zA-Z_0-9]*"),
            new($"#{Letter}+"),
        ];
    }

    private static PtbRule[] Numbers() =>
    [
        new(Clitic, "[^A-Za-z]", ClosingQuotes),
        new(NotClitic, "[^A-Za-z]", ClosingQuotes),
        new($"{Digit}{{1,2}}[-/]{Digit}{{1,2}}[-/]{Digit}{{2,4}}"),
        new($@"[-+]?{Digit}*([.:,\u00AD\u066B\u066C]{Digit}+)+", write: WithoutSoftHyphens),
        new($"[-+]?{Digit}+"),
        new(@"[\u207A\u207B\u208A\u208B]?([\u2070\u00B9\u00B2\u00B3\u2074-\u2079]+|[\u2080-\u2089]+)"),
        new($@"({Digit}{{1,4}}[- \u00A0])?{Digit}{{1,4}}(\\?/|\u2044){Digit}{{1,4}}", write: Unbroken),
        new(@"[\u00BC\u00BD\u00BE\u2153-\u215E]", write: Fraction),
        new(@"(?i:-(rrb|lrb|rcb|lcb|rsb|lsb)-|c\.d\.s|pro-|anti-|s(&|&amp;)p-500|s(&|&amp;)ls)", write: Ampersands),
        new($"(?i:cap){Apostrophe}(?i:n)|(?i:c){Apostrophe}(?i:est)"),
        new(@"[A-Za-z0-9]+(-[A-Za-z]+){0,2}(\\?/[A-Za-z0-9]+(-[A-Za-z]+){0,2}){1,2}"),
        new(@"[A-Z]*\$|#"),
        new(@"[\u00A2\u00A3\u00A4\u00A5\u0080\u20A0\u20AC\u060B\u0E3F\u20A4\uFFE0\uFFE1\uFFE5\uFFE6]", write: Currency),
    ];

    private static PtbRule[] Abbreviations() =>
    [
        // 'I.' is a word and a period; of a longer acronym the period is read twice.
        new($@"{LongAcronym}\.", $"{SpaceOrLine}+({Starter}|{Tag}){SpaceOrLine}", repeat: true),
        new(@"[A-Za-z]\.", $"{SpaceOrLine}+({Starter}|{Tag}){SpaceOrLine}", split: 1),
        new(BeforeNumber, $"{SpaceOrLine}?{Digit}"),
        new(@"((?i:pt)[eyEY]|(?i:co))\.", $"{Space}(?i:ltd|lim)"),
        new($@"{Abbreviation}\.", SentenceEnd, repeat: true),
        new($@"{Abbreviation}\.", @"[\s\S]{2}"),
        new($@"{Abbreviation}\.", repeat: true),
        new($@"({Title}|{Acronym})\."),
        new($@"{Apostrophe}[0-9][0-9]", SpaceOrLine),
        new($@"({Letter}|{Digit})+(\.({Letter}|{Digit})+)*\.(?i:{FileType})", $"({SpaceOrLine}|[.?!,])"),
        new($@"{Word}\.", InnerMark, WithoutSoftHyphens),
    ];

    private const string FileType = "bat|bmp|c|class|cgi|cpp|dll|doc|docx|exe|gif|gz|h|htm|html|jar|java|jpeg|jpg|mov|mp3|pdf|php"
        + "|pl|png|ppt|ps|py|sql|tar|txt|wav|x|xml|zip";

    private static PtbRule[] Marks() =>
    [
        // Telephone numbers.
        new(
            @"(\([0-9]{2,3}\)[ \u00A0]?|(\+\+?)?([0-9]{2,4}[- \u00A0])?[0-9]{2,4}[- \u00A0])[0-9]{3,4}[- \u00A0]?[0-9]{3,5}",
            write: Brackets),
        new(@"((\+\+?)?[0-9]{2,4}\.)?[0-9]{2,4}\.[0-9]{3,4}\.[0-9]{3,5}"),

        new(@"""|(?i:&quot;)", "[A-Za-z0-9$]", OpeningQuotes),
        new(@"""|(?i:&quot;)", write: ClosingQuotes),
        new("<|(?i:&lt;)", write: _ => "<"),
        new(">|(?i:&gt;)", write: _ => ">"),

        // Smileys.
        new(@"[<>]?[:;=][-o*']?[()DPdpO\\{@|\[\]]", "[^A-Za-z0-9]", Brackets),
        new(@"[-^x=~<>']_[-^x=~<>']"),
        new(@"\([-^x=~<>'][_.]?[-^x=~<>']\)|\([\^x=~<>']-[\^x=~<>'`]\)", write: Brackets),

        new(@"[{}\[\]()]", write: t => t[0] switch
        {
            '{' => "-LCB-",
            '}' => "-RCB-",
            '[' => "-LSB-",
            ']' => "-RSB-",
            _ => Brackets(t),
        }),
        new("-+", write: t => t.Length is 3 or 4 ? "--" : t),
        new(@"\.{3,5}|(\.[ \u00A0]){2,4}\.|[\u0085\u2026]", write: _ => "..."),
        new("@+|#+|_+"),
        new(@"\*+|(\\\*){1,3}"),
        new(InnerMark),
        new("[?!]+"),
        new(@"[.\u00A1\u00BF\u037E\u0589\u061F\u06D4\u0700-\u0702\u07FA\u3002]"),
        new("[=/]"),
    ];

    private static PtbRule[] Compounds()
    {
        const string hyphenated = $@"[A-Za-z0-9][A-Za-z0-9.,\u00AD]*(-({LongAcronym}\.|[A-Za-z0-9\u00AD]+))+";
        const string part = $@"([dDoOlL]{AnyApostrophe}[\p{{L}}\p{{Nd}}])?[\p{{L}}\p{{Nd}}]+";
        const string joined = $"{part}({Hyphen}{part})*";
        const string capitals = "[A-Z]+(([+&]|(?i:&amp;))[A-Z]+)+";
        return
        [
            new(hyphenated + @"\.", InnerMark, WithoutSoftHyphens),
            new(hyphenated, write: WithoutSoftHyphens),
            new(joined + @"\.", InnerMark),
            new(joined),
            new(capitals + @"\.", InnerMark, Ampersands),
            new(capitals, write: Ampersands),
        ];
    }

    private static PtbRule[] Rest() =>
    [
        // A quote before a word opens, often but not always.
        new("'", @"[A-Za-z][^ \t\n\r\u00A0]", OpeningQuotes),
        new(Clitic, write: ClosingQuotes),
        new(NotClitic, write: ClosingQuotes),
        new($@"''|[`\u2018-\u201F\u0091-\u0094\u2039\u203A\u00AB\u00BB]{{1,2}}|{Apostrophe}", write: ClosingQuotes),
        new("<<|>>"),
        new(@"[+%&~^|\\\u00A6-\u00A9\u00AC\u00AE-\u00BA\u00D7\u00F7\u0387\u05BE\u05C0\u05C3\u05C6\u05F3\u05F4\u0600-\u0603"
            + @"\u0606-\u060A\u060C\u0614\u061B\u061E\u066A\u066D\u0703-\u070D\u07F6-\u07F8\u0964\u0965\u0E4F"
            + @"\u1FBD\u2016\u2017\u2020-\u2023\u2030-\u2038\u203B\u203E-\u2042\u2044\u207A-\u207F\u208A-\u208E\u2100-\u214F"
            + @"\u2190-\u2BFF\u3012\u30FB\uFF01-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65]"),
        new($@"\0|{Space}+|[\u200B\u200E\u200F\uFEFF]|(?i:&nbsp;)", write: _ => null),
        new("\n", write: _ => PtbLexer.NewLine),
    ];

    private static string Unbroken(string token) => token.Replace(' ', '\u00A0');

    private static string Brackets(string token) => Unbroken(token)
        .Replace("(", "-LRB-", StringComparison.Ordinal).Replace(")", "-RRB-", StringComparison.Ordinal);

    private static string Ampersands(string token)
        => Regex.Replace(token, "&amp;", "&", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    private static string WithoutSoftHyphens(string token)
        => token.Replace("\u00AD", "", StringComparison.Ordinal) is { Length: > 0 } rest ? rest : "-";

    private static string Fraction(string token) => token[0] switch
    {
        '\u00BC' => "1/4",
        '\u00BD' => "1/2",
        '\u00BE' => "3/4",
        '\u2153' => "1/3",
        '\u2154' => "2/3",
        _ => token,
    };

    private static string Currency(string token) => token[0] switch
    {
        '\u00A2' => "cents",
        '\u00A3' => "#",
        '\u0080' or '\u00A4' or '\u20A0' or '\u20AC' => "$",
        _ => token,
    };

    private static string OpeningQuotes(string token) => Quotes(token, "`");

    private static string ClosingQuotes(string token) => Quotes(token, "'");

    /// <summary>Curly quotes say themselves whether they open; for straight ones the rule does.</summary>
    private static string Quotes(string token, string straight)
        => string.Concat(token.Replace("&apos;", "'", StringComparison.Ordinal).Replace("&quot;", "\"", StringComparison.Ordinal)
            .Select(c => c switch
            {
                '\'' => straight,
                '"' => straight + straight,
                '\u0091' or '\u2018' or '\u201B' or '\u2039' => "`",
                '\u0092' or '\u2019' or '\u203A' => "'",
                '\u0093' or '\u201C' or '\u00AB' => "``",
                '\u0094' or '\u201D' or '\u00BB' => "''",
                _ => c.ToString(),
            }));
}
