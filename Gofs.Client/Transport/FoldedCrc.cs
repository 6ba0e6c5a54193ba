using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Gofs.Transport;

/// <summary>
/// CRC-32C of long data by folding (Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009), 512 bits at a
/// time: several times as fast as the processor's CRC instruction.
/// <para>
/// A piece that is followed by D bits counts times x^D, and x^D may be taken modulo the polynomial: so a piece is multiplied with a constant and added to the
/// one D bits on, until one of 128 bits is left, whose CRC is that of all. Reflected: bit i of a 64-bit half stands for x^(63-i), the first half for the higher
/// powers, and a carry-less product is the product times x. So the first half is multiplied with x^(D+63) and the second with x^(D-1).
/// </para>
/// </summary>
internal static class FoldedCrc
{
    private const int Lane = 16;
    private const int Wide = 64;
    private const int Step = 4 * Wide;
    private const int Least = 2 * Step;
    private static readonly Vector512<ulong> OverStep = FoldOver(Step);
    private static readonly Vector512<ulong> OverWide = FoldOver(Wide);
    private static readonly Vector128<ulong> OverLane = FoldOver(Lane).GetLower().GetLower();

    /// <summary>Whether it is for data of a length, on this processor.</summary>
    public static bool IsFor(int length) => Pclmulqdq.V512.IsSupported && length >= Least;

    /// <summary>Goes on with a CRC that is not inverted; leaves what is less than 64 bytes.</summary>
    // Instructions as wide as these are never compiled ahead: the first thousand MiB would go through code that nobody has optimized.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Append(uint crc, ref ReadOnlySpan<byte> data)
    {
        ref var from = ref MemoryMarshal.GetReference(data);
        var one = Load(ref from, 0) ^ Vector512.CreateScalar((ulong)crc);
        var (two, three, four) = (Load(ref from, Wide), Load(ref from, 2 * Wide), Load(ref from, 3 * Wide));
        nint at = Step;
        for (; at + Step <= data.Length; at += Step)
        {
            one = Fold(one, OverStep) ^ Load(ref from, at);
            two = Fold(two, OverStep) ^ Load(ref from, at + Wide);
            three = Fold(three, OverStep) ^ Load(ref from, at + (2 * Wide));
            four = Fold(four, OverStep) ^ Load(ref from, at + (3 * Wide));
        }

        four ^= Fold(three ^ Fold(two ^ Fold(one, OverWide), OverWide), OverWide);
        for (; at + Wide <= data.Length; at += Wide) four = Fold(four, OverWide) ^ Load(ref from, at);
        data = data[(int)at..];
        return CrcOf(four);
    }

    private static uint CrcOf(Vector512<ulong> folded)
    {
        var lane = folded.GetLower().GetLower();
        lane = Fold(lane) ^ folded.GetLower().GetUpper();
        lane = Fold(lane) ^ folded.GetUpper().GetLower();
        lane = Fold(lane) ^ folded.GetUpper().GetUpper();
        return BitOperations.Crc32C(BitOperations.Crc32C(0, lane[0]), lane[1]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Fold(Vector512<ulong> piece, Vector512<ulong> over) =>
        Pclmulqdq.V512.CarrylessMultiply(piece, over, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(piece, over, 0x11);

    private static Vector128<ulong> Fold(Vector128<ulong> lane) =>
        Pclmulqdq.CarrylessMultiply(lane, OverLane, 0x00) ^ Pclmulqdq.CarrylessMultiply(lane, OverLane, 0x11);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Load(ref byte from, nint at) => Vector512.LoadUnsafe(ref Unsafe.Add(ref from, at)).AsUInt64();

    // For both halves of each of the four lanes.
    private static Vector512<ulong> FoldOver(int bytes)
    {
        var bits = bytes * 8;
        var lane = Vector128.Create(HalfOf(bits + 63), HalfOf(bits - 1));
        return Vector512.Create(Vector256.Create(lane, lane), Vector256.Create(lane, lane));
    }

    // As a reflected half of 64 bits.
    private static ulong HalfOf(int power) => (ulong)Crc32C.PowerOfX(power) << 32;
}
