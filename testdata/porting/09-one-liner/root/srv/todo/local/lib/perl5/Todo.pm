package Todo; sub name { 'todo' } 1;
