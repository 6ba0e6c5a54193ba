namespace Gofs.Silo.ChunkServer.Storage;

/// <summary>Files that are full become free again: away from the writers, in order, and durably before anybody relies on it.</summary>
internal sealed partial class DiskJournal
{
    private bool RetireStep()
    {
        if (!MakeMissingFiles()) return false;
        List<JournalFile> retiring = [];
        lock (gate)
        {
            if (stopped is not null) return false;
            foreach (var file in files.Where(one => one.State == JournalFileState.Full).OrderBy(one => one.First))
            {
                if (file.Pending > 0) break;
                retiring.Add(file);
            }
        }

        if (retiring.Count == 0) return false;
        try
        {
            disk.SyncFileSystem();
            foreach (var file in retiring) Void(file);
        }
        catch (IOException broken)
        {
            FailRetire(broken);
            return false;
        }

        lock (gate)
        {
            foreach (var file in retiring) file.State = JournalFileState.Free;
            live.ForgetBefore(files.Where(one => one.State != JournalFileState.Free).Select(one => one.First).DefaultIfEmpty(nextSequence).Min());
            Retired += retiring.Count;
            SignalRoom();
        }

        return true;
    }

    // The disk was full when it was opened: perhaps there is room now.
    private bool MakeMissingFiles()
    {
        long sequence;
        lock (gate)
        {
            if (files.Count >= options.JournalFiles || stopped is not null) return true;
            sequence = nextSequence;
        }

        try
        {
            var all = files.ToList();
            JournalReplay.MakeMissing(disk, options, all, sequence);
            lock (gate) files.AddRange(all.Skip(files.Count));
            return true;
        }
        catch (IOException broken)
        {
            FailRetire(broken);
            return false;
        }
    }

    private void FailRetire(IOException broken)
    {
        Stop(new(GofsError.DiskFailed, $"the journal can't be retired: {broken.Message}", disk.Folder, broken));
        failed(broken);
    }

    // So that the next open finds nothing to redo. When it can't be, that will do.
    private void RetireAll()
    {
        lock (gate)
        {
            if (current is not { State: JournalFileState.Current }) return;
            current.State = JournalFileState.Full;
            isClosing = true;
        }

        RetireStep();
    }

    // The head then names a sequence that none of its records has. Here, away from the writers, is the time to let it grow too.
    private void Void(JournalFile file)
    {
        long sequence;
        lock (gate) sequence = nextSequence;
        file.WriteHead(sequence);
        if (!isClosing) file.Grow(Math.Min(options.JournalFileBytes, file.Size * GrowFactor));
        file.Sync();
    }
}
