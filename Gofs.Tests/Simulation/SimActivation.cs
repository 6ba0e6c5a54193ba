using System.Reflection;
using Gofs.Tests.Sdk.Fakes;
using Orleans;
using Orleans.Core.Internal;
using Orleans.Runtime;
using Orleans.Timers;

namespace Gofs.Tests.Simulation;

/// <summary>
/// A grain as it is, on a lane of its silo, without Orleans: its turns come in order, one at a time; calls interleave, as all of these grains let them. It
/// ends when it deactivates, after the calls that are under way, or with its silo.
/// </summary>
internal sealed class SimActivation : IServiceProvider
{
    private readonly Dictionary<Type, object> services;
    private readonly IGrainContext context;
    private readonly Action<SimActivation> gone;
    private readonly Task active;
    private Grain? grain;
    private DeactivationReason why;
    private bool started;
    private bool ending;
    private int running;

    public SimActivation(SimHost silo, GrainId id, Func<Grain> make, Action<SimActivation> gone)
    {
        (Silo, Lane, this.gone) = (silo, new(silo.Process, LaneKind.Turns), gone);
        var timers = new Timers(this);
        context = Fake.Of<IGrainContext>((method, arguments) => method switch
        {
            "get_GrainId" => id,
            "get_ActivationServices" => this,
            "get_GrainInstance" => grain,
            "Deactivate" => End((DeactivationReason)arguments[0]!),
            "Migrate" => End(new(DeactivationReasonCode.Migrating, "it moves")),
            "ToString" => id.ToString(),
            _ => Fake.Unexpected(method),
        });
        var runtime = Fake.Of<IGrainRuntime>((method, _) => method switch
        {
            "get_GrainFactory" => silo.Grains,
            "get_TimerRegistry" => timers,
            "get_ServiceProvider" => this,
            "get_TimeProvider" => silo.Process.Clock,
            "DeactivateOnIdle" => End(new(DeactivationReasonCode.ApplicationRequested, "it is not needed")),
            _ => Fake.Unexpected(method),
        });
        services = new() { [typeof(IGrainRuntime)] = runtime, [typeof(ITimerRegistry)] = timers };
        active = Lane.Do(() => ActivateAsync(make));
    }

    public SimHost Silo { get; }

    public SimLane Lane { get; }

    /// <summary>Whether nothing of it happens any more.</summary>
    public bool IsGone { get; private set; }

    /// <summary>Whether it takes no calls any more.</summary>
    public bool IsEnding => ending;

    /// <summary>The grain, when it is active.</summary>
    public Grain? Grain => active.IsCompletedSuccessfully && !IsGone ? grain : null;

    /// <inheritdoc/>
    public object? GetService(Type serviceType) => services.GetValueOrDefault(serviceType) ?? Silo.GetService(serviceType);

    /// <summary>A call, on the lane.</summary>
    public async Task<object?> CallAsync(MethodInfo method, object?[] arguments)
    {
        if (ending) throw new GofsException(GofsError.Unavailable, "the grain is deactivating");
        running++;
        try
        {
            await active;
            var task = (Task)method.Invoke(grain, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
            await task;
            return method.ReturnType == typeof(Task) ? null : method.ReturnType.GetProperty("Result")!.GetValue(task);
        }
        finally
        {
            running--;
            EndWhenIdle();
        }
    }

    /// <summary>It is not wanted any more.</summary>
    public void Deactivate() => Lane.Do(() => End(new(DeactivationReasonCode.ActivationIdle, "it is idle")));

    private async Task ActivateAsync(Func<Grain> make)
    {
        try
        {
            grain = GrainHost.Make(context, make);
            await grain.OnActivateAsync(CancellationToken.None);
            Silo.Process.Note($"{grain.GetType().Name} is active");
            started = true;
            EndWhenIdle();
        }
        catch (Exception failed)
        {
            Silo.Process.Note($"an activation failed: {failed.Message}");
            IsGone = ending = true;
            gone(this);
            throw;
        }
    }

    private object? End(DeactivationReason reason)
    {
        if (ending) return null;
        (ending, why) = (true, reason);
        Silo.Process.Note($"{grain?.GetType().Name} ends: {reason.Description}");
        Lane.Do(EndWhenIdle);
        return null;
    }

    private void EndWhenIdle()
    {
        if (!ending || running > 0 || IsGone || !started) return;
        IsGone = true;
        _ = Lane.Do(async () =>
        {
            await grain!.OnDeactivateAsync(why, CancellationToken.None);
            gone(this);
        });
    }

    /// <summary>Timers whose callbacks are turns.</summary>
    private sealed class Timers(SimActivation activation) : ITimerRegistry
    {
        public IDisposable RegisterTimer(IGrainContext grainContext, Func<object?, Task> callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            throw new NotSupportedException();

        public IGrainTimer RegisterGrainTimer<TState>(
            IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
        {
            _ = activation.Lane.Do(() => RunAsync(callback, state, options));
            return Fake.Of<IGrainTimer>((_, _) => null);
        }

        private async Task RunAsync<TState>(Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
        {
            for (var wait = options.DueTime; !activation.IsGone; wait = options.Period)
            {
                if (wait > TimeSpan.Zero) await Task.Delay(wait, activation.Silo.Process.Clock);
                if (activation.IsGone) return;
                try
                {
                    await callback(state, CancellationToken.None);
                }
                catch (Exception failed)
                {
                    // Orleans logs it; the next tick comes.
                    activation.Silo.Process.Note($"a timer failed: {failed.Message}");
                }
            }
        }
    }
}
