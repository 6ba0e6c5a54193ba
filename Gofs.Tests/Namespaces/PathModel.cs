namespace Gofs.Tests.Namespaces;

/// <summary>A tree as its paths in order, 'd' for a directory and 'f' for a file: simple enough to be right.</summary>
internal static class PathModel
{
    /// <summary>
    /// Does what a command does (0, 1: make a directory; 2: make a file; 3, 4: move; 5: remove; 6: remove a tree; 8: put a file; 10, 13: set a goal) and
    /// answers whether it is allowed; one that is not changes nothing.
    /// </summary>
    public static bool TryDo(SortedDictionary<string, char> model, int kind, string a, string b) => kind switch
    {
        0 or 1 => Add(model, a, 'd'),
        2 => Add(model, a, 'f'),
        3 or 4 => Move(model, a, b),
        5 => model.ContainsKey(a) && !Below(model, a).Any() && model.Remove(a),
        6 => model.ContainsKey(a) && RemoveTree(model, a),
        8 => Put(model, a),
        10 or 13 => model.ContainsKey(a),
        _ => true,
    };

    private static bool Add(SortedDictionary<string, char> model, string path, char type) =>
        HasParent(model, path) && model.TryAdd(path, type);

    private static bool Put(SortedDictionary<string, char> model, string path)
    {
        if (!HasParent(model, path) || (model.TryGetValue(path, out var there) && there == 'd')) return false;
        model[path] = 'f';
        return true;
    }

    private static bool Move(SortedDictionary<string, char> model, string from, string to)
    {
        if (!model.TryGetValue(from, out var type) || !HasParent(model, to)) return false;
        if (from == to) return true;
        if (type == 'd' && to.StartsWith(from + "/", StringComparison.Ordinal)) return false;
        if (model.TryGetValue(to, out var there) && (there != type || Below(model, to).Any())) return false;
        var moved = Below(model, from).Append(new(from, type)).ToArray();
        foreach (var one in moved) model.Remove(one.Key);
        foreach (var one in moved) model[to + one.Key[from.Length..]] = one.Value;
        return true;
    }

    private static bool RemoveTree(SortedDictionary<string, char> model, string path)
    {
        foreach (var one in Below(model, path).ToArray()) model.Remove(one.Key);
        return model.Remove(path);
    }

    private static bool HasParent(SortedDictionary<string, char> model, string path) =>
        path.LastIndexOf('/') is var slash && (slash == 0 || (model.TryGetValue(path[..slash], out var type) && type == 'd'));

    private static IEnumerable<KeyValuePair<string, char>> Below(SortedDictionary<string, char> model, string path) =>
        model.Where(one => one.Key.StartsWith(path + "/", StringComparison.Ordinal));
}
