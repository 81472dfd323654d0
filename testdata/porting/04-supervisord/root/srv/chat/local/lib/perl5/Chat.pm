package Chat; sub name { 'chat' } 1;
