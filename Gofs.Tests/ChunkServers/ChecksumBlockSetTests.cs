using CsCheck;
using Gofs.Grains.ChunkServers;
using Xunit;

namespace Gofs.Tests.ChunkServers;

/// <summary>A set of checksum blocks is a set.</summary>
public sealed class ChecksumBlockSetTests
{
    private const int Most = 200;

    [Fact]
    public void AnyOperations_AreThoseOfASet() => Gen.Select(Gen.Int[0, 4], Gen.Int[0, Most - 1], Gen.Int[0, Most - 1]).List[0, 100].Sample(operations =>
    {
        var set = new ChecksumBlockSet((Most * (long)ChecksumBlockSet.BlockBytes) - 5);
        var model = new SortedSet<int>();
        foreach (var (operation, one, two) in operations)
        {
            switch (operation)
            {
                case 0:
                    set.Add(one);
                    model.Add(one);
                    break;
                case 1:
                    var (from, to) = ((one * 50_000L) + two, (one * 50_000L) + (two * 3000L));
                    if (to > Most * (long)ChecksumBlockSet.BlockBytes) break;
                    set.AddBytes(from, to);
                    for (var at = from; at < to; at++)
                    {
                        model.Add((int)(at / ChecksumBlockSet.BlockBytes));
                        at = Math.Max(at, Math.Min(to - 2, ((at / ChecksumBlockSet.BlockBytes) + 1) * ChecksumBlockSet.BlockBytes) - 1);
                    }

                    break;
                case 2:
                    set.CutAt(one);
                    model.RemoveWhere(index => index >= one);
                    break;
                case 3:
                    var run = set.TakeRun(1 + (two % 20), out var first);
                    Assert.Equal(Run(model, 1 + (two % 20)), Enumerable.Range(first, run));
                    model.ExceptWith(Enumerable.Range(first, run).ToArray());
                    break;
                default:
                    if (two % 5 != 0) break;
                    Assert.Equal(model, set.TakeAll());
                    model.Clear();
                    break;
            }

            Assert.Equal(model.Count, set.Count);
        }

        Assert.Equal(model, set.TakeAll());
    });

    [Fact]
    public void WhatTheChunkCantHave_IsRefused()
    {
        var set = new ChecksumBlockSet(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Add(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Add(-1));
    }

    private static IEnumerable<int> Run(SortedSet<int> model, int most) =>
        model.Count == 0 ? [] : Enumerable.Range(model.Min, most).TakeWhile(model.Contains);
}
