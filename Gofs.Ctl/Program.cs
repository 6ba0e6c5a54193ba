System.Console.WriteLine("gofs");
