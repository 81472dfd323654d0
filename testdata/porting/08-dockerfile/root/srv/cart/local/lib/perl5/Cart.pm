package Cart; sub name { 'cart' } 1;
