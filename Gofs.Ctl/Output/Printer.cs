using System.Text;
using System.Text.Json;

namespace Gofs.Ctl.Output;

/// <summary>Standard output: text for people, or JSON documents, one a line.</summary>
internal sealed class Printer(bool isJson) : IAsyncDisposable
{
    private readonly Stream stream = new BufferedStream(Console.OpenStandardOutput(), 64 << 10);

    /// <summary>Whether JSON is asked for.</summary>
    public bool IsJson => isJson;

    /// <summary>The bytes themselves.</summary>
    public Stream Bytes => stream;

    /// <summary>A line of text.</summary>
    public void Line(string text)
    {
        stream.Write(Encoding.UTF8.GetBytes(text));
        stream.WriteByte((byte)'\n');
    }

    /// <summary>A JSON document on a line of its own.</summary>
    public void Json(Action<Utf8JsonWriter> write)
    {
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        stream.WriteByte((byte)'\n');
    }

    /// <summary>Either form of the same.</summary>
    public void Show(string text, Action<Utf8JsonWriter> write)
    {
        if (isJson) Json(write);
        else Line(text);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => stream.DisposeAsync();
}
