namespace Gofs.Ctl.Targets;

/// <summary>
/// What chmod is told: octal digits, or changes like <c>u+x,go-w,a=r</c> (who: u g o a; what: + - =; bits: r w x X s t, or u g o to
/// copy). Without a who it is all three, but w only for the owner, as with the usual umask 022.
/// </summary>
internal sealed class ModeChange
{
    private const int OwnerBits = 0x9C0;
    private const int GroupBits = 0x438;
    private const int OtherBits = 0x207;
    private const int Umask = 0x12;
    private readonly int? absolute;
    private readonly List<(int Who, bool UsesUmask, char Action, string Bits)> steps = [];

    private ModeChange(int? absolute) => this.absolute = absolute;

    /// <summary>Parses it.</summary>
    /// <exception cref="UsageException">It is neither form.</exception>
    public static ModeChange Parse(string text)
    {
        if (text.Length is >= 1 and <= 4 && text.All(c => c is >= '0' and <= '7')) return new(Convert.ToInt32(text, 8));
        var change = new ModeChange(null);
        foreach (var clause in text.Split(',')) change.AddClause(clause, text);
        return change;
    }

    /// <summary>The new permission bits.</summary>
    /// <param name="mode">The old ones.</param>
    /// <param name="isDirectory">Whether X is x.</param>
    public int Apply(int mode, bool isDirectory)
    {
        if (absolute is { } all) return all;
        foreach (var (who, usesUmask, action, bits) in steps)
        {
            var value = Bits(bits, mode, isDirectory) & who;
            if (usesUmask) value &= ~Umask;
            mode = action switch
            {
                '+' => mode | value,
                '-' => mode & ~value,
                _ => mode & ~(who & (isDirectory ? 0x3FF : 0xFFF)) | value,
            };
        }

        return mode;
    }

    private void AddClause(string clause, string text)
    {
        var at = 0;
        var who = 0;
        for (; at < clause.Length && clause[at] is 'u' or 'g' or 'o' or 'a'; at++)
            who |= clause[at] switch { 'u' => OwnerBits, 'g' => GroupBits, 'o' => OtherBits, _ => 0xFFF };
        if (at == clause.Length) throw Wrong(text);
        while (at < clause.Length)
        {
            var action = clause[at++];
            if (action is not ('+' or '-' or '=')) throw Wrong(text);
            var from = at;
            while (at < clause.Length && clause[at] is not ('+' or '-' or '=')) at++;
            var bits = clause[from..at];
            var copies = bits is "u" or "g" or "o";
            if (!copies && bits.Any(c => c is not ('r' or 'w' or 'x' or 'X' or 's' or 't'))) throw Wrong(text);
            steps.Add((who == 0 ? 0xFFF : who, who == 0, action, bits));
        }
    }

    private static int Bits(string bits, int mode, bool isDirectory)
    {
        if (bits is "u" or "g" or "o")
        {
            var three = mode >> (bits switch { "u" => 6, "g" => 3, _ => 0 }) & 7;
            return three << 6 | three << 3 | three;
        }

        var value = 0;
        foreach (var bit in bits)
        {
            value |= bit switch
            {
                'r' => 0x124, 'w' => 0x92, 'x' => 0x49, 's' => 0xC00, 't' => 0x200,
                _ => isDirectory || (mode & 0x49) != 0 ? 0x49 : 0,
            };
        }

        return value;
    }

    private static UsageException Wrong(string text) =>
        new($"a mode is one to four octal digits, or changes like u+x,go-w, not '{text}'");
}
