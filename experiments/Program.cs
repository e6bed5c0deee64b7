Console.Error.WriteLine("aim: no verb is built yet");
return 2;
